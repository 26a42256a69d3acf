import { normalQuantile } from '@sluice/core/statistics/normal.ts';
import type { MetricRule } from '@sluice/core/rollout/analysis/metric-rule.ts';
import type { Statistic } from '@sluice/core/rollout/analysis/samples.ts';

/*
 * How others judge: tests for one look, read at each look; and the judge of Spinnaker's Kayenta, written from its description
 * (NetflixACAJudge: Mann-Whitney interval at 98 %, tolerance 0.25, one point a minute).
 */

const valueOf = (one: Statistic): number => (one.kind === 'proportion' ? one.hits / one.n : one.mean);
const spreadOf = (one: Statistic): number => {
  const p = valueOf(one);
  return one.kind === 'proportion' ? p * (1 - p) : one.m2 / Math.max(1, one.n - 1);
};

/** Whether a test with a normal distribution says that the candidate is beyond the limit, or with `any` worse at all. */
export function zTestFails(
  { kind, limit }: MetricRule,
  candidate: Statistic,
  stable: Statistic | undefined,
  alpha: number,
  any = false,
): boolean {
  const isChange = limit.bound === 'max-increase' || limit.bound === 'max-decrease';
  const direction = limit.bound === 'min' || limit.bound === 'max-decrease' ? -1 : 1;
  const value = any && isChange ? 0 : kind === 'log-mean' ? Math.log1p(limit.value) : limit.value;
  const other = isChange && stable !== undefined ? stable : undefined;
  const variance = spreadOf(candidate) / candidate.n + (other ? spreadOf(other) / other.n : 0);
  const distance = valueOf(candidate) - (other ? valueOf(other) : 0);
  const z = normalQuantile(1 - (limit.bound === 'within' ? alpha / 2 : alpha)) * Math.sqrt(variance);
  if (limit.bound === 'within') return Math.abs(distance) - value > z;
  return direction * distance - (isChange ? 1 : direction) * value > z;
}

/** Samples of the candidate that one look needs to find `harm` beyond a limit in 80 % of cases. */
export function fixedSamples(alpha: number, variance: number, beyond: number): number {
  return Math.ceil(((normalQuantile(1 - alpha) + normalQuantile(0.8)) / beyond) ** 2 * variance);
}

/** The verdict High: more by a quarter of the typical difference than the least that 98 % are sure of, and a larger mean. */
export function kayentaFails(candidate: readonly number[], stable: readonly number[]): boolean {
  const [n, m] = [candidate.length, stable.length];
  if (n < 2 || m < 2) return false;
  const differences = candidate.flatMap((x) => stable.map((y) => x - y)).sort((a, b) => a - b);
  const middle = (differences.length - 1) / 2;
  const estimate = ((differences[Math.floor(middle)] ?? 0) + (differences[Math.ceil(middle)] ?? 0)) / 2;
  const below = Math.round((n * m) / 2 - normalQuantile(0.99) * Math.sqrt((n * m * (n + m + 1)) / 12));
  const low = below < 1 ? -Infinity : (differences[below - 1] ?? -Infinity);
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  return low > 0.25 * Math.abs(estimate) && mean(candidate) >= mean(stable);
}
