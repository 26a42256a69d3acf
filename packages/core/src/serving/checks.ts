import { pause, poll, type Patience } from '../action/retry.ts';
import { firstMismatch } from './compare.ts';
import type { GoldenCase } from './golden.ts';
import { isSuccess } from './exchange.ts';
import { disagreement, readAll, serversOf, type Expected, type Read } from './reading.ts';
import type { ModelServer, PredictionAnswer } from './server.ts';

/** A golden case that was answered wrongly; values are cut to a readable length. */
export interface GoldenFailure {
  readonly file: string;
  readonly line: number;
  /** Who answered so, where several servers were asked. */
  readonly server?: string;
  /** JSON path of the first difference; absent when there was no answer to compare. */
  readonly path?: string;
  readonly expected: string;
  readonly got: string;
}

/** One thing that was verified. */
export type Check = { readonly verdict: 'pass' | 'fail' | 'not-checked'; readonly message: string } & (
  | { readonly check: 'version' | 'ready' }
  | {
      readonly check: 'golden' | 'malformed-input';
      readonly cases: number;
      readonly failed: number;
      readonly failures: readonly GoldenFailure[];
    }
  | {
      readonly check: 'latency';
      /** 95th percentile in milliseconds; absent when the server stopped answering. */
      readonly 'p95-ms'?: number;
      readonly 'limit-ms': number;
      readonly n: number;
    }
);

/** Failures listed by name in a check; the rest is counted. */
const FAILURES_LISTED = 10;
const LONGEST_VALUE = 200;
/** Requests timed for the 95th percentile. */
const LATENCY_REQUESTS = 50;

/**
 * Asks until every server of the target answers with `expected` (undefined: with none), and with its digest where it tells one.
 * `not-checked` when there is no server to ask, or none that can say, and only what the target is set to could be read.
 */
export async function checkVersion(
  target: Read,
  expected: Expected | undefined,
  patience: Patience,
  signal: AbortSignal,
): Promise<Check> {
  const wanted = expected?.version ?? 'no version';
  const { met, last } = await poll(
    patience,
    signal,
    () => readAll(target, signal),
    (reading) => disagreement(reading, expected, target.words) === undefined,
  );
  if (!met) {
    const found = disagreement(last, expected, target.words) ?? '';
    const message = `Waited ${patience.timeoutMs / 1000} s for ${wanted}; ${found}.`;
    return { check: 'version', verdict: 'fail', message };
  }
  const { answer } = last.state;
  if (answer.kind === 'not-asked') return notReadBack(target, wanted);
  const message =
    answer.kind === 'silent'
      ? `No version is served: ${answer.message}.`
      : `${subject(target, 'answers')} with ${wanted}.`;
  return { check: 'version', verdict: 'pass', message };
}

/**
 * Asks every server several times, spread over a while, and each time the target has to be set to the version and each has to
 * answer with it: one answer at one moment may be that of a server that is about to change. The first that does not ends the check.
 */
export async function checkSettled(
  target: Read,
  expected: Expected,
  { answers, ms }: { readonly answers: number; readonly ms: number },
  signal: AbortSignal,
): Promise<Check> {
  for (let i = 1; i <= answers; i++) {
    if (i > 1) await pause(ms / (answers - 1), signal);
    const reading = await readAll(target, signal);
    const set = reading.state.intended[0]?.version;
    const found =
      disagreement(reading, expected, target.words) ??
      (set === expected.version ? undefined : target.words.says(set ?? 'no version'));
    if (found !== undefined) {
      const message = `Asked ${i} of ${answers} times for ${expected.version}; ${found}.`;
      return { check: 'version', verdict: 'fail', message };
    }
    if (reading.state.answer.kind === 'not-asked') return notReadBack(target, expected.version);
  }
  const often = answers === 1 ? 'once' : `${answers} times within ${ms / 1000} s`;
  const message = `${subject(target, 'answered')} with ${expected.version} ${often}.`;
  return { check: 'version', verdict: 'pass', message };
}

function notReadBack({ words }: Read, wanted: string): Check {
  return {
    check: 'version',
    verdict: 'not-checked',
    message: `The version was not read back: ${words.onlyRead}; ${words.says(wanted)}.`,
  };
}

function subject(target: Read, verb: string): string {
  const { length } = serversOf(target);
  return length > 1 ? `Each of ${length} servers ${verb}` : `The server ${verb}`;
}

/** Asks until the server was ready `count` times in a row: a single ready answer has been a lie too often. */
export async function checkReady(
  server: ModelServer,
  count: number,
  patience: Patience,
  signal: AbortSignal,
): Promise<Check> {
  let inARow = 0;
  const { met, last } = await poll(
    patience,
    signal,
    () => server.notReady(signal),
    (refusal) => (inARow = refusal === undefined ? inARow + 1 : 0) >= count,
  );
  return met
    ? { check: 'ready', verdict: 'pass', message: `Ready ${count} times in a row.` }
    : {
        check: 'ready',
        verdict: 'fail',
        message: `Not ready ${count} times in a row within ${patience.timeoutMs / 1000} s; the last answer was: ${last ?? `ready (${inARow} of ${count})`}.`,
      };
}

/**
 * Sends golden cases, `most` of each kind, and compares the answers; refusals are reported as a check of their own. A server that
 * stops answering ends the check: waiting for every case would only multiply the timeout.
 */
export async function checkGolden(
  server: ModelServer,
  cases: readonly GoldenCase[],
  signal: AbortSignal,
  most = Infinity,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [expects, check] of [
    ['output', 'golden'],
    ['refusal', 'malformed-input'],
  ] as const) {
    const chosen = cases.filter((c) => c.expects === expects).slice(0, most);
    if (chosen.length === 0) continue;
    const failures: GoldenFailure[] = [];
    for (const golden of chosen) {
      const answer = await server.predict(golden.input, signal);
      const failure = judge(golden, answer);
      if (failure !== undefined) failures.push(failure);
      if (answer.kind === 'silent') break;
    }
    checks.push(goldenCheck(check, chosen.length, failures));
  }
  return checks;
}

const WHAT = { golden: 'golden predictions', 'malformed-input': 'malformed requests' } as const;

/** What is said of cases that all went as they should; `by` says who answered them. */
export function heldSentence(check: keyof typeof WHAT, cases: number, by = ''): string {
  const how = check === 'golden' ? `answered as expected${by}` : `refused${by}`;
  return `${cases} of ${cases} ${WHAT[check]} ${how}.`;
}

function goldenCheck(
  check: 'golden' | 'malformed-input',
  cases: number,
  failures: readonly GoldenFailure[],
): Check {
  const [first] = failures;
  return {
    check,
    verdict: first === undefined ? 'pass' : 'fail',
    cases,
    failed: failures.length,
    failures: failures.slice(0, FAILURES_LISTED),
    message:
      first === undefined
        ? heldSentence(check, cases)
        : `${failures.length} of ${cases} ${WHAT[check]} got a wrong answer; first ${first.file}:${first.line}${first.path === undefined ? '' : ` at ${first.path}`}: expected ${first.expected}, got ${first.got}.`,
  };
}

function judge(golden: GoldenCase, answer: PredictionAnswer): GoldenFailure | undefined {
  const place = { file: golden.file, line: golden.line };
  if (golden.expects === 'refusal') {
    if (answer.kind === 'answered' && answer.status >= 400 && answer.status < 500) return undefined;
    return { ...place, expected: 'a 4xx status', got: shownAnswer(answer) };
  }
  if (answer.kind === 'silent' || !isSuccess(answer.status))
    return { ...place, expected: shown(golden.output), got: shownAnswer(answer) };
  const { prediction, body } = answer;
  if (prediction.kind === 'missing')
    return { ...place, expected: shown(golden.output), got: `${prediction.message}: ${cut(body)}` };
  const mismatch = firstMismatch(golden.output, prediction.value, golden.tolerance);
  if (mismatch === undefined) return undefined;
  return { ...place, path: mismatch.path, expected: shown(mismatch.expected), got: shown(mismatch.got) };
}

function shownAnswer(answer: PredictionAnswer): string {
  return answer.kind === 'silent' ? answer.message : `HTTP ${answer.status} ${cut(answer.body)}`.trim();
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : cut(JSON.stringify(value));
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_VALUE ? `${line.slice(0, LONGEST_VALUE)}…` : line;
}

/**
 * Times golden requests in turn, LATENCY_REQUESTS of them, and compares the 95th percentile (nearest rank) with the
 * limit. Stops as soon as too many were over it for the percentile to hold.
 */
export async function checkLatency(
  server: ModelServer,
  cases: readonly GoldenCase[],
  limitMs: number,
  signal: AbortSignal,
): Promise<Check> {
  const requests = cases.filter((c) => c.expects === 'output');
  if (requests.length === 0) {
    const message = 'There is no golden request to measure the latency with.';
    return { check: 'latency', verdict: 'not-checked', 'limit-ms': limitMs, n: 0, message };
  }
  const times: number[] = [];
  const allowed = LATENCY_REQUESTS - Math.ceil(LATENCY_REQUESTS * 0.95);
  for (let i = 0; i < LATENCY_REQUESTS; i++) {
    const answer = await server.predict(requests[i % requests.length]?.input, signal);
    const n = i + 1;
    if (answer.kind === 'silent')
      return { check: 'latency', verdict: 'fail', 'limit-ms': limitMs, n, message: answer.message };
    times.push(answer.ms);
    if (times.filter((ms) => ms > limitMs).length > allowed) break;
  }
  const p95 = percentile95(times);
  const over = p95 > limitMs;
  return {
    check: 'latency',
    verdict: over ? 'fail' : 'pass',
    'p95-ms': p95,
    'limit-ms': limitMs,
    n: times.length,
    message: `The 95th percentile of ${times.length} golden requests is ${p95.toFixed(1)} ms, ${over ? 'over' : 'within'} the limit of ${limitMs} ms.`,
  };
}

/** Nearest rank: the smallest value that at least 95 % of the values do not exceed. */
export function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}
