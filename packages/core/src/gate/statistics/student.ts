import { normalQuantile } from './normal.ts';

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

/** The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const TINY = 1e-300;
  const away = (v: number): number => (Math.abs(v) < TINY ? TINY : v);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < Number.EPSILON) break;
  }
  return fraction;
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
