/**
 * Smallest share a bin is taken to have, on both sides. PSI divides by shares; without a floor one empty bin makes it
 * infinite. With reference deciles as bins only the current side can be that empty.
 */
const PSI_FLOOR = 1e-4;

/**
 * Population stability index Σ (q - p) ln(q / p) over the shares of two histograms with the same bins, each share at
 * least 0.0001 (Siddiqi, Credit Risk Scorecards, 2006). 0 is no change; there is no upper end.
 */
export function populationStabilityIndex(reference: readonly number[], current: readonly number[]): number {
  const [p, q] = [shares(reference), shares(current)];
  let sum = 0;
  for (const [i, share] of p.entries()) {
    const before = Math.max(share, PSI_FLOOR);
    const now = Math.max(q[i] ?? 0, PSI_FLOOR);
    sum += (now - before) * Math.log(now / before);
  }
  return sum;
}

/**
 * Jensen-Shannon distance with base 2: the square root of the divergence, from 0 (the same) to 1 (nothing in common).
 * What `scipy.spatial.distance.jensenshannon(p, q, base=2)` returns. Categories that one side lacks count as 0 there.
 */
export function jensenShannonDistance(
  reference: ReadonlyMap<string, number>,
  current: ReadonlyMap<string, number>,
): number {
  const keys = [...new Set([...reference.keys(), ...current.keys()])].sort();
  const p = shares(keys.map((key) => reference.get(key) ?? 0));
  const q = shares(keys.map((key) => current.get(key) ?? 0));
  let divergence = 0;
  for (const [i, share] of p.entries()) {
    const other = q[i] ?? 0;
    const middle = (share + other) / 2;
    divergence += (entropyTerm(share, middle) + entropyTerm(other, middle)) / 2;
  }
  return Math.sqrt(Math.max(0, divergence));
}

function entropyTerm(share: number, middle: number): number {
  return share === 0 ? 0 : share * Math.log2(share / middle);
}

function shares(counts: readonly number[]): number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => (sum === 0 ? 0 : count / sum));
}
