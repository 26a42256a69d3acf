/**
 * How often a test set has judged, and whether the candidate is among those that were counted. `isUsedUp`: a rule accepted
 * a candidate before this one after which the test set is to be replaced.
 */
export type TestSetUse =
  | {
      readonly kind: 'counted';
      /** The candidate is the first, second, … that this test set judged. */
      readonly position: number;
      /** Candidates that it has judged, this one included. */
      readonly used: number;
      readonly isUsedUp: boolean;
    }
  | {
      readonly kind: 'uncounted';
      /** Whether nobody asked to count, because the run has no effects. */
      readonly dryRun: boolean;
      /** One sentence. */
      readonly why: string;
      /** Candidates that were counted before; absent when the count could not even be read. */
      readonly used?: number;
      readonly isUsedUp: boolean;
    };

/** The candidate's place among those that the test set has judged, counted or not; undefined when it is not known. */
export function placeOf(use: TestSetUse): number | undefined {
  if (use.kind === 'counted') return use.position;
  return use.used === undefined ? undefined : use.used + 1;
}
