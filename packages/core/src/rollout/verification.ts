import * as path from 'node:path';
import { UserError, errorCode } from '../action/errors.ts';
import type { Patience } from '../action/retry.ts';
import { checkGolden, checkLatency, checkReady, checkSettled, type Check } from '../serving/checks.ts';
import { readGolden, type GoldenCase } from '../serving/golden.ts';
import type { ModelServer } from '../serving/server.ts';
import type { ServingTarget } from '../serving/target.ts';
import type { KnownVersion } from './state.ts';

/** What must hold before a version counts as deployed. */
export interface Verification {
  readonly readyCount: number;
  /** How long reading back may take, and how long everything that is verified may take together. */
  readonly patience: Patience;
  /** How many answers in a row have to name the version, spread over how long. */
  readonly settle: { readonly answers: number; readonly ms: number };
  /** Cases from the team's own files. */
  readonly golden: readonly GoldenCase[];
  /** Golden files that travel with the model; paths relative to it. */
  readonly modelGolden: readonly string[];
  /** Limit of the 95th percentile. */
  readonly latencyP95Ms?: number;
}

/** Checks of a version in service, of which one did not hold. */
export class VerificationError extends Error {
  /** Whether the version answers at all. */
  readonly answers: boolean;
  constructor(checks: readonly Check[], { answers }: { readonly answers: boolean }) {
    super(
      checks
        .filter((check) => check.verdict === 'fail')
        .map((check) => check.message)
        .join(' '),
    );
    this.name = 'VerificationError';
    this.answers = answers;
  }
}

/** One sentence for each check. Throws VerificationError when one did not hold. */
export function demand(checks: readonly Check[], answers: boolean): string {
  if (failed(checks)) throw new VerificationError(checks, { answers });
  return checks.map((check) => check.message).join(' ');
}

const failed = (checks: readonly Check[]): boolean => checks.some((check) => check.verdict === 'fail');

/** What is asked of a server, one thing after the other, until one does not hold. `report` gets each check as it is made. */
export async function verifyServer(
  target: Pick<ServingTarget, 'live' | 'words'>,
  server: ModelServer,
  version: KnownVersion,
  verification: Verification,
  golden: readonly GoldenCase[],
  report: (checks: readonly Check[]) => void,
  signal: AbortSignal,
): Promise<string> {
  const { readyCount, patience, latencyP95Ms, settle } = verification;
  const said: string[] = [];
  const hold = (checks: readonly Check[], answers: boolean): void => {
    report(checks);
    said.push(demand(checks, answers));
  };
  hold([await checkReady(server, readyCount, patience, signal)], false);
  hold(await checkGolden(server, golden, signal), true);
  if (latencyP95Ms !== undefined) hold([await checkLatency(server, golden, latencyP95Ms, signal)], true);
  // A server that fell back meanwhile would have passed all of this with the old model.
  hold([await checkSettled(target, version, settle, signal)], false);
  return said.filter((sentence) => sentence !== '').join(' ');
}

/** The golden cases that travel with a model. Throws UserError `missing-file` for a file that it does not have. */
export async function readModelGolden(modelPath: string, files: readonly string[]): Promise<GoldenCase[]> {
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
