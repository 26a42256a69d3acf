import { logBeta, logUpperBeta } from '../../../statistics/beta.ts';
import { normalCdf } from '../../../statistics/normal.ts';

/*
 * Evidence that may be looked at as often as one likes. An e-process is a number that under the hypothesis is above 1/α at any
 * time at all with a probability of at most α (Ville's inequality), so that a test may reject at the first such moment.
 * These two are one-sided conjugate mixtures (Howard, Ramdas, McAuliffe & Sekhon, "Time-uniform, nonparametric, nonasymptotic
 * confidence sequences", Annals of Statistics 49(2), 2021, section 3; the idea is Robbins', 1970). Both are computed from sums
 * alone: neither order nor number of looks enters.
 */

/**
 * How concentrated a mixture has to be for its bound to be tightest after `n` samples at the level `alpha`, to within a few percent
 * (the same, eq. 14 in its closed approximation). Another n is never wrong, only a little slower.
 */
export function concentrationFor(n: number, alpha: number): number {
  const twice = 2 * Math.log(1 / Math.min(2 * alpha, 0.5));
  return n / (twice + Math.log1p(twice));
}

/**
 * ln of the e-process against "the mean is at most 0" from a sum whose variance is `variance`: the likelihood ratio averaged
 * over a half-normal distribution of the mean, ½·ln(4ρ/(v + ρ)) + s²/(2(v + ρ)) + ln Φ(s/√(v + ρ)).
 */
export function logNormalMixture(sum: number, variance: number, rho: number): number {
  const total = variance + rho;
  return (
    0.5 * Math.log((4 * rho) / total) + sum ** 2 / (2 * total) + Math.log(normalCdf(sum / Math.sqrt(total)))
  );
}

/** Shares nearer to 0 or 1 are taken for it: the logarithms have no digits left there, and no sample tells the difference. */
const NEAREST = 1e-15;

/**
 * ln of the e-process against "each sample is a hit with at most the probability p": the likelihood ratio averaged over a
 * Beta(cp, c(1 − p)) distribution cut off below p. Holds for any number of samples, and for probabilities that change from sample
 * to sample as long as none is above p. What cannot happen and did is proof; what is certain can be exceeded by nothing.
 */
export function logAtMost(n: number, hits: number, p: number, concentration: number): number {
  if (p <= NEAREST) return hits > 0 ? Infinity : 0;
  if (p >= 1 - NEAREST) return 0;
  const [a, b] = [concentration * p, concentration * (1 - p)];
  return logUpperBeta(p, a + hits, b + n - hits) - logUpperBeta(p, a, b) - logLikelihood(n, hits, p);
}

/** The same against "with exactly the probability p", in both directions: not cut off. */
export function logExactly(n: number, hits: number, p: number, concentration: number): number {
  if (p <= NEAREST) return hits > 0 ? Infinity : 0;
  if (p >= 1 - NEAREST) return hits < n ? Infinity : 0;
  const [a, b] = [concentration * p, concentration * (1 - p)];
  return logBeta(a + hits, b + n - hits) - logBeta(a, b) - logLikelihood(n, hits, p);
}

function logLikelihood(n: number, hits: number, p: number): number {
  return hits * Math.log(p) + (n - hits) * Math.log1p(-p);
}
