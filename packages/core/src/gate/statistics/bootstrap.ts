import { normalCdf, normalQuantile } from '../../statistics/normal.ts';
import { Random } from './random.ts';
import { Resampler, type Design } from './resample.ts';

/** A statistic of rows that count `weights[i]` times each; NaN where it is not defined. */
export type WeightedStatistic = (weights: Uint32Array) => number;

/** What the bias-corrected and accelerated interval is read from. */
export interface BootstrapResult {
  readonly estimate: number;
  /** The statistic of every resample, ascending; those where it was not defined are left out. */
  readonly replicates: Float64Array;
  /** z₀, how far the estimate is from the median of the replicates. */
  readonly bias: number;
  /** a, how fast the standard error changes with the value. */
  readonly acceleration: number;
}

/** More units than this are left out in groups, which costs the acceleration a digit that nobody sees. */
const MOST_LEFT_OUT = 1_000;

/** Resamples the statistic. The same seed gives the same result. */
export function bootstrap(
  statistic: WeightedStatistic,
  design: Design,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): BootstrapResult {
  const resampler = new Resampler(design, seed);
  const weights = new Uint32Array(design.rows);
  const all = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    resampler.draw(weights);
    all[b] = statistic(weights);
  }
  const replicates = all.filter((x) => Number.isFinite(x)).sort();
  const estimate = statistic(weights.fill(1));
  return {
    estimate,
    replicates,
    bias: normalQuantile(inside(shareBelow(replicates, estimate), replicates.length)),
    acceleration: acceleration(jackknife(statistic, design, seed)),
  };
}

/**
 * The BCa interval (Efron, "Better Bootstrap Confidence Intervals", JASA 82, 1987), its quantiles interpolated linearly
 * as scipy.stats.bootstrap does.
 */
export function bcaInterval(result: BootstrapResult, confidence: number): [number, number] {
  const at = (p: number): number => quantile(result.replicates, corrected(normalQuantile(p), result));
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}

/** One-sided p-value of the true value being at least `bound`: the level at which the BCa interval would end there. */
export function bcaBelow(result: BootstrapResult, bound: number): number {
  const { replicates, bias, acceleration: a } = result;
  const w = normalQuantile(inside(shareBelow(replicates, bound), replicates.length)) - bias;
  return normalCdf(bias - w / (1 + a * w));
}

/** Standard deviation of the replicates. */
export function bootstrapError({ replicates }: BootstrapResult): number {
  const n = replicates.length;
  const mean = replicates.reduce((sum, x) => sum + x, 0) / n;
  return Math.sqrt(replicates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
}

function corrected(z: number, { bias, acceleration: a }: BootstrapResult): number {
  return normalCdf(bias + (bias + z) / (1 - a * (bias + z)));
}

/** Σ l³ / (6 (Σ l²)^1.5) of the jackknife's influences; 0 where nothing has influence. */
function acceleration(values: Float64Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  let squares = 0;
  let cubes = 0;
  for (const value of values) {
    const influence = mean - value;
    squares += influence ** 2;
    cubes += influence ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** The statistic without each unit in turn, or without each of `MOST_LEFT_OUT` random groups of units. */
function jackknife(statistic: WeightedStatistic, design: Design, seed: number): Float64Array {
  const group = groups(design, seed);
  const weights = new Uint32Array(design.rows).fill(1);
  const values = group.map((rows) => {
    for (const row of rows) weights[row] = 0;
    const value = statistic(weights);
    for (const row of rows) weights[row] = 1;
    return value;
  });
  return Float64Array.from(values).filter((x) => Number.isFinite(x));
}

function groups(design: Design, seed: number): number[][] {
  const units = design.kind === 'clusters' ? design.clusters.count : design.rows;
  const unitOf = (row: number): number =>
    design.kind === 'clusters' ? (design.clusters.of[row] as number) : row;
  const place = units <= MOST_LEFT_OUT ? undefined : shuffled(units, seed);
  const result = Array.from({ length: Math.min(units, MOST_LEFT_OUT) }, (): number[] => []);
  for (let row = 0; row < design.rows; row++) {
    const unit = unitOf(row);
    result[(place?.[unit] ?? unit) % result.length]?.push(row);
  }
  return result;
}

/** A random order (Fisher & Yates). */
function shuffled(n: number, seed: number): Uint32Array {
  const random = new Random(seed ^ 0x5bd1e995);
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((random.next() / 2 ** 32) * (i + 1));
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}

/** Values closer than this share of their range differ by rounding alone. */
const ROUNDING = 1e-12;

/** Share of sorted values below `x`, equal ones counting half. */
function shareBelow(sorted: Float64Array, x: number): number {
  const slack = ROUNDING * ((sorted[sorted.length - 1] ?? 0) - (sorted[0] ?? 0));
  let below = 0;
  let equal = 0;
  for (const value of sorted) {
    if (value < x - slack) below++;
    else if (value <= x + slack) equal++;
  }
  return (below + equal / 2) / sorted.length;
}

/** A Monte Carlo share is never quite 0 or 1. */
function inside(share: number, count: number): number {
  const least = 1 / (count + 1);
  return Math.min(1 - least, Math.max(least, share));
}

function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const low = Math.floor(at);
  const from = sorted[low] as number;
  const to = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return from + (at - low) * (to - from);
}
