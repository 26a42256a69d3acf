/** The standard normal distribution. */

const INVERSE_SQRT_2PI = 0.3989422804014327;
/** Beyond this the continued fraction needs fewer terms than the series loses digits. */
const TAIL_FROM = 3;

/** φ(z), the density. */
export function normalDensity(z: number): number {
  return INVERSE_SQRT_2PI * Math.exp((-z * z) / 2);
}

/** Φ(z) = P(Z ≤ z), to 1e-12 relative in either tail. */
export function normalCdf(z: number): number {
  if (z > TAIL_FROM) return 1 - upperTail(z);
  if (z < -TAIL_FROM) return upperTail(-z);
  return 0.5 + normalDensity(z) * oddSeries(z);
}

/** z + z³/3 + z⁵/(3·5) + … (Marsaglia, "Evaluating the Normal Distribution", J. Stat. Software 11(4), 2004). */
function oddSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > Math.abs(sum) * Number.EPSILON; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return sum;
}

/** Laplace's continued fraction for P(Z > z), φ(z)/(z + 1/(z + 2/(z + …))) (Abramowitz & Stegun 26.2.14). */
function upperTail(z: number): number {
  let fraction = z;
  for (let k = 120; k >= 1; k--) fraction = z + k / fraction;
  return normalDensity(z) / fraction;
}

/**
 * Φ⁻¹(p) for 0 ≤ p ≤ 1, ±Infinity at the ends. Starts from Abramowitz & Stegun 26.2.23 (off by at most 4.5e-4) and
 * improves it by Halley's method, which triples the digits in each step.
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return -Infinity;
  if (p === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(p));
  let z =
    (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(z) - p) / normalDensity(z);
    z -= error / (1 + (z * error) / 2);
  }
  return z;
}
