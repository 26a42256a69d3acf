import type { Evidence, Tuning } from './evidence.ts';
import { concentrationFor, logAtMost, logExactly } from './mixture.ts';
import type { Hits } from './proportion.ts';

/**
 * How many times as many samples `stable` may have as the candidate: the mixture is spread over these, since the split of the
 * traffic is not known to the samples.
 */
const RATIOS = [1, 8, 64];
/** Sections of the golden ratio: a few hundred-thousandths of the bracket are left, on which the evidence depends by the square. */
const SECTIONS = 22;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The change of a share from `stable` to the candidate, or with `relative` the change as a part of what `stable` has. Exact for any
 * number of samples and any split of the traffic, also one that changes: for every share that `stable` may have, the product of an
 * e-process of the candidate against the share that follows from it, and one of `stable` against the share itself, is an
 * e-process, and the least of these products holds whichever is the true one (universal inference: Wasserman, Ramdas &
 * Balakrishnan, PNAS 117(29), 2020). Assumed is that each sample of an arm, given those before it, is a hit with the arm's share.
 */
export function proportionsEvidence(
  candidate: Hits,
  stable: Hits,
  relative: boolean,
  tuning: Tuning,
): Evidence {
  const own = concentrationFor(tuning.samples, tuning.alpha);
  const { n, hits } = candidate;
  const [share, reference] = [hits / n, stable.hits / stable.n];
  const allowed = (p: number, x: number): number => (relative ? p * (1 + x) : p + x);
  /** That stable has the share p, whatever it is that is asked. */
  const other = (p: number): number =>
    logMeanOf(RATIOS.map((ratio) => logExactly(stable.n, stable.hits, p, ratio * own)));
  // Nothing beside nothing is no change.
  const ratio = share === reference ? 1 : share / reference;
  return {
    estimate: relative ? ratio - 1 : share - reference,
    range: relative ? [-1, Infinity] : [-1, 1],
    // The further stable is from what it showed the less likely, so that the least is on the side of the candidate.
    above: (x) => {
      const most = relative ? Math.min(1, 1 / (1 + x)) : Math.min(1, 1 - x);
      const least = relative ? 0 : -x;
      return leastOver(
        Math.max(reference, least),
        most,
        (p) => logAtMost(n, hits, allowed(p, x), own) + other(p),
      );
    },
    below: (x) => {
      const most = relative ? 1 / (1 + x) : 1 - x;
      const least = relative ? 0 : Math.max(0, -x);
      return leastOver(
        Math.min(reference, most),
        least,
        (p) => logAtMost(n, n - hits, 1 - allowed(p, x), own) + other(p),
      );
    },
  };
}

/** ln of the mean of numbers whose logarithms are given. */
function logMeanOf(logs: readonly number[]): number {
  const most = Math.max(...logs);
  if (!Number.isFinite(most)) return most;
  return most + Math.log(logs.reduce((sum, one) => sum + Math.exp(one - most), 0) / logs.length);
}

/** The least of a function of a share that falls and then rises, on the scale on which all shares are known equally well. */
function leastOver(start: number, end: number, of: (p: number) => number): number {
  const from = Math.asin(Math.sqrt(start));
  const span = Math.asin(Math.sqrt(end)) - from;
  const at = (part: number): number => of(Math.sin(from + part * span) ** 2);
  let [low, high] = [0, 1];
  let [left, right] = [1 - GOLDEN, GOLDEN];
  let [first, second] = [at(left), at(right)];
  for (let section = 0; section < SECTIONS; section++) {
    if (first <= second) {
      [high, right, second] = [right, left, first];
      left = high - GOLDEN * (high - low);
      first = at(left);
    } else {
      [low, left, first] = [left, right, second];
      right = low + GOLDEN * (high - low);
      second = at(right);
    }
  }
  return Math.min(first, second, of(start), of(end));
}
