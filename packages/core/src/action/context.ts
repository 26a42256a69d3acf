import { realpath } from 'node:fs/promises';
import * as path from 'node:path';
import * as core from '@actions/core';
import { insideWorkspace } from './paths.ts';
import { maskSecret, stepLog, type StepLog } from './log.ts';
import { rememberSecrets } from './secrets.ts';

/** Inputs every action has. */
export const COMMON_INPUTS = ['config', 'working-directory', 'model', 'github-token', 'dry-run'] as const;

/** What a run may know about where it runs. Everything else it reads from files. */
export interface ActionContext<Input extends string = never> {
  /** Inputs by name; an empty input is absent. */
  readonly inputs: Readonly<Partial<Record<Input | (typeof COMMON_INPUTS)[number], string>>>;
  /** Names of the environment the step was started with. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Absolute path of the checkout. */
  readonly workspace: string;
  /** Absolute path of `working-directory`, inside the checkout; no link is on the way from one to the other. */
  readonly directory: string;
  readonly log: StepLog;
  /** Aborted when the job is cancelled (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
}

/** Reads the step's inputs, masking the token as soon as it is read. */
export async function stepContext<Input extends string>(
  names: readonly Input[],
  signal: AbortSignal,
): Promise<ActionContext<Input>> {
  const inputs: Partial<Record<string, string>> = {};
  for (const name of [...COMMON_INPUTS, ...names]) {
    const value = core.getInput(name);
    if (value !== '') inputs[name] = value;
  }
  rememberSecrets(process.env);
  if (inputs['github-token'] !== undefined) maskSecret(inputs['github-token']);
  const workspace = path.resolve(process.env['GITHUB_WORKSPACE'] ?? process.cwd());
  const given = await insideWorkspace(workspace, workspace, inputs['working-directory'] ?? '.', {
    what: "input 'working-directory'",
    kind: 'directory',
  });
  const directory = path.join(workspace, path.relative(await realpath(workspace), await realpath(given)));
  return {
    inputs: inputs as ActionContext<Input>['inputs'],
    env: process.env,
    workspace,
    directory,
    log: stepLog,
    signal,
  };
}
