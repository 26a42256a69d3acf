/** Something beside the rules that makes a verdict mean less than it says. */
export interface Doubt {
  readonly reason: 'unmatched-rows' | 'trained-on-test-rows' | 'unknown-test-set' | 'different-test-set';
  /** Plain text. */
  readonly sentence: string;
}
