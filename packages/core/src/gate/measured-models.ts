import type { LoggedMetrics } from './metrics-file.ts';
import type { Ids } from './row-index.ts';
import type { Sample } from './sample.ts';
import type { TrainingRows } from './training-rows.ts';

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
  /** Different too, and the team lets a model pass that is compared with nothing. */
  | { readonly kind: 'set-aside'; readonly message: string }
  | { readonly kind: 'absent' };

/** Rows of today's test set that were not in the one that the baseline was judged by. */
export type UntestedRows =
  | { readonly kind: 'counted'; readonly rows: number; readonly untested: number }
  /** `why` is a clause. */
  | { readonly kind: 'unknown'; readonly why: string };

/** What is known about the baseline; its sample has the candidate's rows in the candidate's order. */
export type MeasuredBaseline =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'present';
      readonly sample: Comparable<Sample>;
      readonly logged: Comparable<LoggedMetrics>;
      /** Set where DVC's MD5 alone says that its numbers are about today's test set. */
      readonly isSameByMd5?: boolean;
      /** Set where it was scored again on another test set than the one that it was judged by. */
      readonly untested?: UntestedRows;
      /** Set where it could not be scored and stored predictions stand in: why, in a sentence. */
      readonly unscored?: string;
      /** Of the rows that it was trained on, as its gate recorded them. */
      readonly training?: TrainingRows | undefined;
      /** Absent where they were neither fetched nor recorded. */
      readonly modelBytes?: number;
    };
