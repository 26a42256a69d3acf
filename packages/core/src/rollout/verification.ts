import type { Patience } from '../action/retry.ts';
import { checkGolden, checkLatency, checkReady, type Check } from '../serving/checks.ts';
import { checkEach } from '../serving/each-server.ts';
import type { GoldenCase } from '../serving/golden.ts';
import type { ModelServer } from '../serving/server.ts';
import type { RolloutState } from './state.ts';

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
  /** Whether the requests that a version was registered with are golden cases too. */
  readonly recorded: boolean;
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

/** So many golden cases of each kind are sent to each server but the first, which gets all. */
const CASES_PER_REPLICA = 50;

/**
 * What is asked of servers that serve one version, one thing after the other, until one does not hold. `report` gets each check as
 * it is made. Which version answers is not among it.
 */
export async function verifyServers(
  servers: readonly ModelServer[],
  { readyCount, patience, latencyP95Ms }: Verification,
  golden: readonly GoldenCase[],
  report: (checks: readonly Check[]) => void,
  signal: AbortSignal,
): Promise<string> {
  const said: string[] = [];
  const hold = (checks: readonly Check[], answers: boolean): void => {
    report(checks);
    said.push(demand(checks, answers));
  };
  hold(
    await checkEach(servers, async (server) => [await checkReady(server, readyCount, patience, signal)]),
    false,
  );
  hold(
    await checkEach(servers, (server, index) =>
      checkGolden(server, golden, signal, index === 0 ? Infinity : CASES_PER_REPLICA),
    ),
    true,
  );
  const [frontDoor] = servers;
  if (latencyP95Ms !== undefined && frontDoor !== undefined)
    hold([await checkLatency(frontDoor, golden, latencyP95Ms, signal)], true);
  return said.filter((sentence) => sentence !== '').join(' ');
}

/**
 * How long a version that was put back has to answer. A candidate that did not come up in its time may be loading still, and take
 * over when it is done: the old version, which answers until then, has to hold as long again.
 */
export function settleTime(
  { settle, patience }: Pick<Verification, 'settle' | 'patience'>,
  { because }: Pick<RolloutState, 'because'>,
): Verification['settle'] {
  if (because?.step !== 'read-back') return settle;
  const { timeoutMs, pauseMs } = patience;
  return {
    answers: Math.max(settle.answers, Math.ceil(timeoutMs / pauseMs)),
    ms: Math.max(settle.ms, timeoutMs),
  };
}
