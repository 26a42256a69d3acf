import { normalQuantile } from '../../statistics/normal.ts';

/** The power at which sample sizes are stated. */
export const POWER = 0.8;

/** How much an interval can tell: where no row differs, the spread is not known and only its bound is. */
export type Precision =
  | { readonly kind: 'standard-error'; readonly value: number; readonly rows: number }
  | { readonly kind: 'no-discordant-row'; readonly rows: number };

/**
 * The smallest true change that this many rows show in 80 of 100 runs, (z_{(1+c)/2} + z_{0.8}) · SE; where no row
 * differs, the end of Tango's interval, z²/(n + z²).
 */
export function minimumDetectableEffect(precision: Precision, confidence: number): number {
  const z = normalQuantile((1 + confidence) / 2);
  return precision.kind === 'standard-error'
    ? (z + normalQuantile(POWER)) * precision.value
    : z ** 2 / (precision.rows + z ** 2);
}

/**
 * Rows with which a model that is as good as the baseline is shown to be within `margin` in 80 of 100 runs: the rows at
 * hand times (minimum detectable effect / margin)². Undefined for a margin of 0, which no number of rows can show.
 */
export function rowsRequired(precision: Precision, margin: number, confidence: number): number | undefined {
  if (margin <= 0) return undefined;
  if (precision.kind === 'no-discordant-row') {
    return Math.max(1, Math.ceil(normalQuantile((1 + confidence) / 2) ** 2 * (1 / margin - 1)));
  }
  return Math.ceil(precision.rows * (minimumDetectableEffect(precision, confidence) / margin) ** 2);
}
