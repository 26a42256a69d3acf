import { gammaRatio } from './student.ts';
import { normalCdf, normalQuantile } from '../../statistics/normal.ts';

/** How two models that are each right or wrong differ on the same rows. */
export interface Discordance {
  readonly rows: number;
  /** Only the candidate is right. */
  readonly better: number;
  /** Only the baseline is right. */
  readonly worse: number;
}

/**
 * Two-sided mid-p value of McNemar's test that neither model is right more often: the exact binomial p-value less the
 * probability of the observed split; 1 without discordant rows (Fagerland, Lydersen & Laake, BMC Med. Res. Methodol.
 * 13:91, 2013).
 */
export function mcnemarMidP({ better, worse }: Discordance): number {
  const n = better + worse;
  if (n === 0) return 1;
  const fewer = Math.min(better, worse);
  const { mass, below } = fairBinomial(n, fewer);
  return better === worse ? 1 - mass / 2 : 2 * below + mass;
}

/** P(X = k) and P(X < k) of a binomial with probability ½, k ≤ n/2: from the mode down, factor by factor. */
function fairBinomial(n: number, k: number): { mass: number; below: number } {
  let at = Math.floor(n / 2);
  let mass = centralMass(n, at);
  for (; at > k; at--) mass *= at / (n - at + 1);
  let below = 0;
  let term = mass;
  for (let i = k; i > 0 && term > below * Number.EPSILON; i--) {
    term *= i / (n - i + 1);
    below += term;
  }
  return { mass, below };
}

/** C(2h, h)/4^h = Γ(h + ½)/(Γ(h)·h·√π), and for odd n the neighbour that follows from it. */
function centralMass(n: number, half: number): number {
  const even = half === 0 ? 1 : gammaRatio(half) / (half * Math.sqrt(Math.PI));
  return n % 2 === 0 ? even : (even * n) / (2 * (half + 1));
}

/**
 * Tango's score interval for the difference of two paired proportions, candidate minus baseline. It stays within ±1 and
 * is right with few or no discordant rows, where the textbook interval has no width (Tango, Statistics in Medicine 17,
 * 1998, 891–908).
 */
export function tangoInterval(counts: Discordance, confidence: number): [number, number] {
  const z = normalQuantile((1 + confidence) / 2);
  const middle = (counts.better - counts.worse) / counts.rows;
  return [
    bisect(-1, middle, (delta) => tangoScore(counts, delta) > z),
    bisect(middle, 1, (delta) => tangoScore(counts, delta) > -z),
  ];
}

/** One-sided p-value of the true difference being at least `delta`: small when the data say it is less. */
export function tangoBelow(counts: Discordance, delta: number): number {
  return normalCdf(tangoScore(counts, delta));
}

/** The score statistic of the hypothesis that the true difference is `delta`; falls as `delta` rises. */
function tangoScore({ rows, better, worse }: Discordance, delta: number): number {
  const distance = better - worse - rows * delta;
  const q = nuisance({ rows, better, worse }, delta);
  const variance = rows * (2 * q + delta * (1 - delta));
  if (distance === 0) return 0;
  return distance / Math.sqrt(Math.max(variance, 0));
}

/** Most likely share of rows that only the baseline has right, given the difference. */
function nuisance({ rows, better, worse }: Discordance, delta: number): number {
  const a = 2 * rows;
  const b = -better - worse + (2 * rows - better + worse) * delta;
  const c = -worse * delta * (1 - delta);
  const root = Math.sqrt(Math.max(b * b - 4 * a * c, 0));
  // The two forms are equal; each loses no digits where it is used.
  return b > 0 ? (-2 * c) / (root + b) : (root - b) / (2 * a);
}

/** The point of [low, high] up to which `isLeft` holds. */
function bisect(low: number, high: number, isLeft: (x: number) => boolean): number {
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (isLeft(middle)) low = middle;
    else high = middle;
  }
}
