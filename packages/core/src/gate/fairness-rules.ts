import { UserError } from '../action/errors.ts';
import type { MetricProblem } from './measurement.ts';
import type { Severity } from './rules.ts';

/** What must be alike in all groups: the share selected, the true positive rate, or that and the false positive rate. */
export type FairnessCriterion = 'demographic-parity' | 'equal-opportunity' | 'equalised-odds';

/** How differently groups may be treated; at least one of the two limits is set. */
export interface FairnessRule {
  readonly id: string;
  readonly fairness: FairnessCriterion;
  /** Column of the predictions that says which group a row belongs to. */
  readonly by: string;
  /** Smaller groups are reported, not judged. */
  readonly minRows: number;
  /** Between the largest and the smallest rate of any group. */
  readonly maxDifference?: number;
  /** Of the smallest rate to the largest. */
  readonly minRatio?: number;
  readonly severity: Severity;
}

/** A fairness rule as sluice.yaml has it. */
export interface WrittenFairnessRule {
  readonly fairness: FairnessCriterion;
  readonly by: string;
  readonly name?: string | undefined;
  readonly 'min-n'?: number | undefined;
  readonly 'max-difference'?: number | undefined;
  readonly 'min-ratio'?: number | undefined;
  readonly severity?: Severity | undefined;
}

/** Settles a fairness rule called `id`; throws `bad-config` for one without a limit. */
export function settleFairness(written: WrittenFairnessRule, id: string): FairnessRule {
  const { 'max-difference': maxDifference, 'min-ratio': minRatio } = written;
  if (maxDifference === undefined && minRatio === undefined) {
    throw new UserError('bad-config', `The rule '${id}' sets no limit. Add max-difference or min-ratio.`);
  }
  return {
    id,
    fairness: written.fairness,
    by: written.by,
    minRows: written['min-n'] ?? 1,
    ...(maxDifference === undefined ? {} : { maxDifference }),
    ...(minRatio === undefined ? {} : { minRatio }),
    severity: written.severity ?? 'fail',
  };
}

/** A share of rows of one group: of all predicted positive, or of the positive or negative ones. */
export interface GroupRate {
  readonly kind: 'selection' | 'true-positive' | 'false-positive';
  readonly value: number;
  /** Rows that the share is of. */
  readonly rows: number;
  /** Wilson's interval of the share. */
  readonly interval: readonly [number, number];
}

/** One group and its rates; none for a group that is too small to judge. */
export interface Group {
  readonly name: string;
  readonly rows: number;
  readonly rates: readonly GroupRate[];
}

export type FairnessProblem = MetricProblem | 'empty-slice';

export type FairnessFinding =
  | { readonly found: 'error'; readonly reason: FairnessProblem; readonly message: string }
  | {
      readonly found: 'measured';
      /** Largest first. */
      readonly groups: readonly Group[];
      readonly difference: number;
      /** Absent where a rate is 0 in every group. */
      readonly ratio?: number;
      readonly broken: readonly ('max-difference' | 'min-ratio')[];
    };

/** What a fairness rule came to. */
export interface FairnessResult {
  readonly id: string;
  readonly rule: FairnessRule;
  readonly verdict: 'error' | 'fail' | 'warn' | 'pass';
  readonly fairness: FairnessFinding;
}
