/**
 * The sum of the values, exactly rounded, so that the order of rows cannot change it (Shewchuk, "Adaptive Precision
 * Floating-Point Arithmetic", 1997; the algorithm of Python's math.fsum). Not finite when a value or the sum is not.
 */
export function exactSum(values: Float64Array): number {
  const partials: number[] = [];
  for (let value of values) {
    let kept = 0;
    for (let partial of partials) {
      if (Math.abs(value) < Math.abs(partial)) [value, partial] = [partial, value];
      const high = value + partial;
      const low = partial - (high - value);
      if (low !== 0) partials[kept++] = low;
      value = high;
    }
    partials.length = kept;
    partials.push(value);
  }
  return rounded(partials);
}

/** Adds non-overlapping partials from the largest down, with one correct rounding at the end. */
function rounded(partials: readonly number[]): number {
  let n = partials.length - 1;
  if (n < 0) return 0;
  let high = partials[n] as number;
  let low = 0;
  while (n > 0) {
    const before = high;
    const next = partials[--n] as number;
    high = before + next;
    low = next - (high - before);
    if (low !== 0) break;
  }
  const below = n > 0 ? (partials[n - 1] as number) : 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const twice = low * 2;
    const shifted = high + twice;
    if (twice === shifted - high) return shifted;
  }
  return high;
}

/** The exactly rounded sum of `term(i)` for 0 ≤ i < n. */
export function sumOf(n: number, term: (i: number) => number): number {
  const terms = new Float64Array(n);
  for (let i = 0; i < n; i++) terms[i] = term(i);
  return exactSum(terms);
}

/** The mean of the values, from their exactly rounded sum. */
export function meanOf(values: Float64Array): number {
  return exactSum(values) / values.length;
}
