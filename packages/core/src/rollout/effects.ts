import * as path from 'node:path';
import { UserError, errorCode, errorMessage } from '../action/errors.ts';
import type { Patience } from '../action/retry.ts';
import { checkGolden, checkLatency, checkReady, checkVersion, type Check } from '../serving/checks.ts';
import { readGolden, type GoldenCase } from '../serving/golden.ts';
import { allTo, type Release, type ServingTarget } from '../serving/target.ts';
import type { StepEffect } from './engine.ts';
import type { Step } from './machine.ts';

/** What must hold before a version counts as deployed. */
export interface Verification {
  readonly readyCount: number;
  readonly patience: Patience;
  /** Cases from the team's own files. */
  readonly golden: readonly GoldenCase[];
  /** Golden files that travel with the model; paths relative to it. */
  readonly modelGolden: readonly string[];
  /** Limit of the 95th percentile. */
  readonly latencyP95Ms?: number;
}

/** A version by name, with its digest where the ledger knows it. */
export interface KnownVersion {
  readonly version: string;
  readonly modelDigest?: string;
}

export interface Rollout {
  readonly target: ServingTarget;
  readonly candidate: Release;
  /** What is restored when something fails; undefined when nothing was served. */
  readonly previous: KnownVersion | undefined;
  readonly verification: Verification;
  /** Called when everything is ready and before the traffic moves. */
  readonly beforeSwitch: () => Promise<void>;
  /** Writes the ledger; not cancelled, because a push is one act. Returns one sentence. */
  readonly record: () => Promise<string>;
  /** Collects what was verified of the candidate. */
  readonly checks: Check[];
}

/** A check that did not hold. */
export class VerificationError extends Error {
  constructor(checks: readonly Check[]) {
    super(
      checks
        .filter((c) => c.verdict === 'fail')
        .map((c) => c.message)
        .join(' '),
    );
    this.name = 'VerificationError';
  }
}

/** How long to wait for a server to let go of the very first candidate. */
const LET_GO_MS = 5_000;

/** What each step of a rollout does to a serving target. */
export function rolloutEffects(rollout: Rollout): Readonly<Record<Step, StepEffect>> {
  const { target, candidate, previous, verification, checks } = rollout;
  let modelGolden: GoldenCase[] = [];
  return {
    async stage() {
      const staged = await target.stage(candidate);
      modelGolden = await readModelGolden(staged.modelPath, verification.modelGolden);
      return staged.reused
        ? `${candidate.version} was staged before, with the right digest.`
        : `${candidate.version} is staged, sha256:${candidate.modelDigest}.`;
    },
    async switch(signal) {
      await rollout.beforeSwitch();
      await target.shift(allTo(candidate.version), signal);
      return `All traffic goes to ${candidate.version}.`;
    },
    async 'read-back'(signal) {
      const check = await checkVersion(target, candidate, verification.patience, signal);
      checks.push(check);
      return demand([check]);
    },
    async verify(signal) {
      const golden = [...verification.golden, ...modelGolden];
      const found = await verifyServer(rollout, golden, signal);
      checks.push(...found);
      return found.length === 0 ? 'There is no url to verify anything at.' : demand(found);
    },
    record: rollout.record,
    'switch-back': (signal) => switchBack(target, previous, signal),
    'read-back-previous': async (signal) =>
      demand([await checkRestored(target, previous, verification.patience, signal)]),
    async 'verify-previous'(signal) {
      if (target.server === undefined || previous === undefined) return 'There is nothing to ask.';
      const { readyCount, patience } = verification;
      return demand([await checkReady(target.server, readyCount, patience, signal)]);
    },
  };
}

/** Switches back. A reload that fails is left to the read-back to judge, when there is a server to read from. */
export async function switchBack(
  target: ServingTarget,
  previous: KnownVersion | undefined,
  signal: AbortSignal,
): Promise<string> {
  const name = previous?.version ?? 'nothing';
  try {
    await target.shift(allTo(previous?.version), signal);
    return `All traffic goes to ${name} again.`;
  } catch (error) {
    const { intended, answer } = await target.live(signal);
    const switched = intended[0]?.version === previous?.version;
    if (!switched || (previous !== undefined && answer.kind === 'not-asked')) throw error;
    return `Set back to ${name}, but: ${errorMessage(error)}`;
  }
}

/**
 * Whether what was served before is served again. Where nothing was, a server that answers with no version or not at
 * all is back to that; one that still names a version keeps the candidate in its memory.
 */
export async function checkRestored(
  target: ServingTarget,
  previous: KnownVersion | undefined,
  patience: Patience,
  signal: AbortSignal,
): Promise<Check> {
  if (previous !== undefined) return checkVersion(target, previous, patience, signal);
  const { answer } = await target.live(signal);
  if (answer.kind === 'silent')
    return { check: 'version', verdict: 'pass', message: `No version is served: ${answer.message}.` };
  const timeoutMs = Math.min(LET_GO_MS, patience.timeoutMs);
  return checkVersion(target, undefined, { ...patience, timeoutMs }, signal);
}

async function verifyServer(
  { target, candidate, verification }: Rollout,
  golden: readonly GoldenCase[],
  signal: AbortSignal,
): Promise<Check[]> {
  const { server } = target;
  if (server === undefined) return [];
  const { readyCount, patience, latencyP95Ms } = verification;
  const checks = [await checkReady(server, readyCount, patience, signal)];
  if (failed(checks)) return checks;
  checks.push(...(await checkGolden(server, golden, signal)));
  if (failed(checks)) return checks;
  if (latencyP95Ms !== undefined) checks.push(await checkLatency(server, golden, latencyP95Ms, signal));
  // A server that fell back meanwhile would have passed all of this with the old model.
  checks.push(await checkVersion(target, candidate, { ...patience, timeoutMs: 0 }, signal));
  return checks;
}

function failed(checks: readonly Check[]): boolean {
  return checks.some((check) => check.verdict === 'fail');
}

function demand(checks: readonly Check[]): string {
  if (failed(checks)) throw new VerificationError(checks);
  return checks.map((check) => check.message).join(' ');
}

async function readModelGolden(modelPath: string, files: readonly string[]): Promise<GoldenCase[]> {
  const cases: GoldenCase[] = [];
  for (const file of files) {
    const place = `{model-path}/${file}`;
    try {
      cases.push(...(await readGolden(path.join(modelPath, file), place)));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EISDIR') throw error;
      throw new UserError(
        'missing-file',
        `verify.golden names ${place}, but the model has no such file. Write it when training, or take it out of verify.golden.`,
        { cause: error },
      );
    }
  }
  return cases;
}
