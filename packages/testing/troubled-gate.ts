import { expect } from '@jest/globals';
import type { StepResult } from './action.ts';
import { gateOnForge } from './gate-on-forge.ts';
import type { FaultKind } from './github/faults.ts';
import { GitHubDouble } from './github/server.ts';

/** What a gate asks of GitHub. */
export const OPERATIONS = {
  'create check': { method: 'POST', path: /check-runs$/ },
  'complete check': { method: 'PATCH', path: /check-runs\/\d+$/ },
  'list comments': { method: 'GET', path: /comments$/ },
  'create comment': { method: 'POST', path: /comments$/ },
  'update comment': { method: 'PATCH', path: /comments\/\d+$/ },
} as const;
export type Operation = keyof typeof OPERATIONS;
export const operations = Object.keys(OPERATIONS) as Operation[];

const MARKER = '<!-- sluice:evaluate-gate:flights';
export const ALWAYS = 99;
/** What a step may wait between its attempts, all of them together. */
export const MOST_WAITED_S = 15;

const running: GitHubDouble[] = [];

/** Starts a double that `stopDoubles` stops. */
export async function startDouble(
  options?: ConstructorParameters<typeof GitHubDouble>[0],
): Promise<GitHubDouble> {
  const github = new GitHubDouble(options);
  await github.start();
  running.push(github);
  return github;
}

/** Stops them all, and expects that all they saw and said is as GitHub describes it. */
export async function stopDoubles(): Promise<void> {
  const doubles = running.splice(0);
  for (const github of doubles) await github.stop();
  expect(doubles.flatMap((github) => github.violations)).toEqual([]);
}

/** A gate that ran while something went wrong. */
export interface Troubled {
  readonly github: GitHubDouble;
  readonly step: StepResult;
}

/** Runs a gate that fails while one operation goes wrong; a comment to update is there where it matters. */
export async function troubled(
  operation: Operation,
  kind: FaultKind,
  times: number,
  auc = 0.4,
): Promise<Troubled> {
  const github = await startDouble();
  if (operation === 'update comment') await gateOnForge({ forge: github, auc: 0.6, run: 41 });
  github.fail({ ...OPERATIONS[operation], kind, times });
  return { github, step: await gateOnForge({ forge: github, auc }) };
}

/** Messages of the warnings. */
export function warningsOf(step: StepResult): string[] {
  return step.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);
}

/** How long the step waited before it tried again, by its own words: what a busy machine adds is not in it. */
export function secondsWaited(step: StepResult): number {
  const waits = [...step.stdout.matchAll(/Trying again in ([\d.]+) s/g)];
  return waits.reduce((sum, [, seconds]) => sum + Number(seconds), 0);
}

/** The verdict and the exit code of a gate that fails, no second comment, no check that hangs, no stack trace. */
export function expectSameVerdict({ github, step }: Troubled): void {
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'below-limit' } });
  expect(step.summary).toContain('auc');
  expect(step.stdout).not.toMatch(/^\s+at /m);
  expect(github.state.comments.filter(({ body }) => body.startsWith(MARKER)).length).toBeLessThanOrEqual(1);
}

/** All that a gate leaves on GitHub when nothing goes wrong. */
export function expectAllShown({ github, step }: Troubled): void {
  expect(warningsOf(step)).toEqual([]);
  expect(github.state.checks.at(-1)).toMatchObject({ status: 'completed', conclusion: 'failure' });
  expect(github.state.comments).toHaveLength(1);
  expect(github.state.comments[0]?.body).toContain('does not pass');
}
