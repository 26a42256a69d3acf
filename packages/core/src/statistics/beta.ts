/** The Beta function with its upper part, as logarithms: for thousands of samples the numbers themselves are zero. */

/** Above this the asymptotic series has all digits. */
const SERIES_FROM = 15;

/** ln Γ(x) for x > 0, by recurrence up to where Stirling's series is exact (DLMF 5.11.1). */
function logGamma(x: number): number {
  let at = x;
  let factor = 1;
  for (; at < SERIES_FROM; at++) factor *= at;
  const r = 1 / (at * at);
  const series =
    (1 / 12 + r * (-1 / 360 + r * (1 / 1260 + r * (-1 / 1680 + r * (1 / 1188 - (r * 691) / 360360))))) / at;
  return (at - 0.5) * Math.log(at) - at + Math.log(2 * Math.PI) / 2 + series - Math.log(factor);
}

/** ln B(a, b). */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** ln of the integral of t^(a−1)·(1−t)^(b−1) from x to 1, for 0 < x < 1. */
export function logUpperBeta(x: number, a: number, b: number): number {
  const front = a * Math.log(x) + b * Math.log1p(-x);
  // The part that is asked for, or the other one: the fraction converges fast on the side away from the mode.
  if (1 - x < (b + 1) / (a + b + 2)) return front - Math.log(b) + Math.log(betaFraction(1 - x, b, a));
  const lower = Math.exp(front - Math.log(a) - logBeta(a, b)) * betaFraction(x, a, b);
  return logBeta(a, b) + Math.log1p(-lower);
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method; for x < (a+1)/(a+b+2). */
export function betaFraction(x: number, a: number, b: number): number {
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
