/** How sure the gate is to be. */
export interface Certainty {
  /** Level of the two-sided intervals, such as 0.95. */
  readonly confidence: number;
  /** Where resampling starts. */
  readonly seed: number;
}

/** 95 % intervals. The seed is any number that stays the same. */
export const DEFAULT_CERTAINTY: Certainty = { confidence: 0.95, seed: 20240501 };
