import { betaFraction } from '../../statistics/beta.ts';
import { normalQuantile } from '../../statistics/normal.ts';

/** Student's t distribution. */

/** P(T ≤ t) with `df` degrees of freedom. */
export function studentCdf(t: number, df: number): number {
  const tail = upperTail(Math.abs(t), df);
  return t > 0 ? 1 - tail : tail;
}

/** P(|T| ≥ |t|), the two-sided p-value. */
export function studentTwoSided(t: number, df: number): number {
  return 2 * upperTail(Math.abs(t), df);
}

/**
 * The quantile at `p`, 0 < p < 1. Newton's method on the distribution function, kept inside a shrinking bracket, from
 * the normal quantile, which is closer to 0 than the answer.
 */
export function studentQuantile(p: number, df: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, df);
  if (p === 0.5) return 0;
  const target = 1 - p;
  let low = Math.max(normalQuantile(p), Number.MIN_VALUE);
  let high = 2 * low;
  while (upperTail(high, df) > target) [low, high] = [high, 2 * high];
  let t = low;
  for (let step = 0; step < 200; step++) {
    const excess = upperTail(t, df) - target;
    if (excess > 0) low = t;
    else high = t;
    const newton = t + excess / density(t, df);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 2 * Number.EPSILON * t) return next;
    t = next;
  }
  return t;
}

function density(t: number, df: number): number {
  return (
    (gammaRatio(df / 2) / Math.sqrt(Math.PI * df)) * Math.exp((-(df + 1) / 2) * Math.log1p((t * t) / df))
  );
}

/** P(T > t) for t ≥ 0: half of the incomplete beta function I_x(df/2, 1/2) at x = df/(df + t²). */
function upperTail(t: number, df: number): number {
  if (t === 0) return 0.5;
  const a = df / 2;
  const x = df / (df + t * t);
  const y = (t * t) / (df + t * t);
  const front = (gammaRatio(a) / Math.sqrt(Math.PI)) * Math.exp(-a * Math.log1p((t * t) / df)) * Math.sqrt(y);
  // Near the centre the complement converges in a few terms, and there is little to cancel.
  return t < 2.5 ? 0.5 - front * betaFraction(y, 0.5, a) : (front * betaFraction(x, a, 0.5)) / a / 2;
}

/** Γ(a + ½) / Γ(a), by recurrence up to where the asymptotic series in 1/a is exact (DLMF 5.11.13). */
export function gammaRatio(a: number): number {
  let factor = 1;
  for (; a < 40; a++) factor *= a / (a + 0.5);
  const r = 1 / a;
  const series =
    1 +
    r *
      (-1 / 8 +
        r * (1 / 128 + r * (5 / 1024 + r * (-21 / 32768 + r * (-399 / 262144 + (r * 869) / 4194304)))));
  return factor * Math.sqrt(a) * series;
}
