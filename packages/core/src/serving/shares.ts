import { pause, poll, type Patience } from '../action/retry.ts';
import { answerOf } from './answer.ts';
import type { Check } from './checks.ts';
import { describeShares, type ServingTarget, type Share } from './target.ts';

/** Questions for the version, so that the smallest share is expected to answer so many of them. */
const EXPECTED = 10;
const FEWEST = 20;
const MOST = 400;

/** How far two shares in percent may be apart and be the same: 100 - 14.29 is no 85.71 to a computer. */
const ALIKE = 1e-6;

/** How unlikely the answers must be under the shares before they count as others. */
const UNLIKELY = 1e-6;

/**
 * Asks until the target is set to these shares, and the versions that answer are as many as that makes likely: a version without
 * a share none at all. `not-checked` where nobody can be asked.
 */
export async function checkShares(
  target: Pick<ServingTarget, 'live' | 'words' | 'server'>,
  shares: readonly Share[],
  patience: Patience,
  signal: AbortSignal,
): Promise<Check> {
  const wanted = describeShares(shares);
  const { met, last } = await poll(
    patience,
    signal,
    () => countAnswers(target, shares, signal),
    (found) => found.disagrees === undefined,
  );
  if (!met)
    return {
      check: 'version',
      verdict: 'fail',
      message: `Waited ${patience.timeoutMs / 1000} s for ${wanted}; ${last.disagrees ?? ''}.`,
    };
  const counts = [...last.counts].map(([version, n]) => `${version} ${n}`).join(', ');
  return last.asked === 0
    ? { check: 'version', verdict: 'not-checked', message: `Nobody was asked: ${target.words.onlyRead}.` }
    : { check: 'version', verdict: 'pass', message: `Of ${last.asked} answers: ${counts}.` };
}

interface Counted {
  readonly counts: ReadonlyMap<string, number>;
  readonly asked: number;
  readonly disagrees?: string;
}

async function countAnswers(
  target: Pick<ServingTarget, 'live' | 'words' | 'server'>,
  shares: readonly Share[],
  signal: AbortSignal,
): Promise<Counted> {
  const counts = new Map<string, number>();
  const n = questions(shares);
  for (let asked = 1; asked <= n; asked++) {
    // How the target is set may take a program to find out; it is asked before and after the front door is.
    const ends = asked === 1 || asked === n;
    const { intended, answer } = ends
      ? await target.live(signal)
      : { intended: shares, answer: await answerOf(target.server, signal) };
    const set = describeShares(intended);
    if (!sameShares(intended, shares))
      return { counts, asked, disagrees: target.words.says(set === '' ? 'no version' : set) };
    if (answer.kind === 'not-asked') return { counts, asked: 0 };
    if (answer.kind === 'silent') return { counts, asked, disagrees: `an answer was: ${answer.message}` };
    const version = answer.shares[0]?.version ?? 'no version';
    counts.set(version, (counts.get(version) ?? 0) + 1);
    if (asked % 50 === 0) await pause(0, signal);
  }
  const disagrees = disagreement(counts, n, shares);
  return { counts, asked: n, ...(disagrees === undefined ? {} : { disagrees }) };
}

function questions(shares: readonly Share[]): number {
  const smallest = Math.min(...shares.map(({ weight }) => weight)) / 100;
  return Math.min(MOST, Math.max(FEWEST, Math.ceil(EXPECTED / smallest)));
}

/** Whether both give each version the same. */
export function sameShares(a: readonly Share[], b: readonly Share[]): boolean {
  return (
    a.length === b.length &&
    b.every(({ version, weight }) =>
      a.some((one) => one.version === version && Math.abs(one.weight - weight) < ALIKE),
    )
  );
}

/** Which version answered more or less often than its share makes likely; undefined when none did. */
export function disagreement(
  counts: ReadonlyMap<string, number>,
  n: number,
  shares: readonly Share[],
): string | undefined {
  for (const version of new Set([...counts.keys(), ...shares.map((share) => share.version)])) {
    const hits = counts.get(version) ?? 0;
    const weight = shares.find((share) => share.version === version)?.weight ?? 0;
    if (isLikely(hits, n, weight / 100)) continue;
    return `${version} has ${weight} % and answered ${hits} of ${n} times`;
  }
  return undefined;
}

/** Whether neither so few nor so many hits are less likely than `UNLIKELY`, by the exact binomial tails. */
function isLikely(hits: number, n: number, p: number): boolean {
  if (p === 0 || p === 1) return hits === n * p;
  const [low, high] = [0, 0].map((_, side) => {
    let tail = 0;
    for (let k = side === 0 ? 0 : hits; k <= (side === 0 ? hits : n); k++) tail += binomial(k, n, p);
    return tail;
  }) as [number, number];
  return low > UNLIKELY && high > UNLIKELY;
}

function binomial(k: number, n: number, p: number): number {
  let log = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return Math.exp(log);
}
