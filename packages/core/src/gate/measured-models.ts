import type { LoggedMetrics } from './metrics-file.ts';
import type { Ids } from './row-index.ts';
import type { Sample } from './sample.ts';

/** What is known about the candidate. */
export interface MeasuredCandidate {
  readonly sample?: Sample;
  /** For each row its id; absent when the predictions have none. */
  readonly ids?: Ids;
  /** A column of the predictions for slices, or undefined when there is none of that name. */
  readonly column: (name: string) => readonly (string | null)[] | undefined;
  readonly logged: LoggedMetrics;
  /** For each row the cluster that it belongs to; absent where rows are independent. */
  readonly clusters?: readonly (string | null)[];
  /** Absent when only numbers are judged, and no model. */
  readonly modelBytes?: number;
}

/** Something of the baseline that may be compared, or why not. */
export type Comparable<T> =
  | { readonly kind: 'same'; readonly value: T }
  | { readonly kind: 'different'; readonly message: string }
  | { readonly kind: 'absent' };

/** What is known about the baseline; its sample has the candidate's rows in the candidate's order. */
export type MeasuredBaseline =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'present';
      readonly sample: Comparable<Sample>;
      readonly logged: Comparable<LoggedMetrics>;
      /** Absent where they were neither fetched nor recorded. */
      readonly modelBytes?: number;
    };
