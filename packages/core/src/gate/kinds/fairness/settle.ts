import { UserError } from '../../../action/errors.ts';
import type { MetricProblem } from '../../measurement.ts';
import type { RuleResult, SettledRule } from '../kind.ts';
import type { WrittenFairness } from './schema.ts';

/** What must be alike in all groups: the share selected, the true positive rate, or that and the false positive rate. */
export type FairnessCriterion = 'demographic-parity' | 'equal-opportunity' | 'equalised-odds';

/** How differently groups may be treated; at least one of the three limits is set. */
export interface FairnessRule extends SettledRule<'fairness'> {
  readonly fairness: FairnessCriterion;
  /** Columns of the predictions that say which group a row belongs to; several are crossed. */
  readonly by: readonly string[];
  /** Smaller groups are reported, not judged. */
  readonly minRows: number;
  /** Between the largest and the smallest rate of any group. */
  readonly maxDifference?: number;
  /** Of the smallest rate to the largest. */
  readonly minRatio?: number;
  /** By how much more than for the baseline the rates may differ. */
  readonly maxRegression?: number;
}

/** Settles a fairness rule called `id`; throws `bad-config` for one without a limit. */
export function settleFairness(written: WrittenFairness, id: string): FairnessRule {
  const {
    by,
    'max-difference': maxDifference,
    'min-ratio': minRatio,
    'max-regression': maxRegression,
  } = written;
  if ([maxDifference, minRatio, maxRegression].every((limit) => limit === undefined)) {
    throw new UserError(
      'bad-config',
      `The rule '${id}' sets no limit. Add max-difference, min-ratio or max-regression.`,
    );
  }
  return {
    kind: 'fairness',
    id,
    fairness: written.fairness,
    by: typeof by === 'string' ? [by] : by,
    minRows: written['min-n'] ?? 1,
    ...(maxDifference === undefined ? {} : { maxDifference }),
    ...(minRatio === undefined ? {} : { minRatio }),
    ...(maxRegression === undefined ? {} : { maxRegression }),
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
  /** Value by column. */
  readonly where: Readonly<Record<string, string>>;
  readonly rows: number;
  readonly rates: readonly GroupRate[];
}

/** How differently one model treats groups. */
export interface Disparity {
  /** Largest first. */
  readonly groups: readonly Group[];
  readonly difference: number;
  /** Absent where a rate is 0 in every group. */
  readonly ratio?: number;
}

export type FairnessProblem = MetricProblem | 'empty-slice' | 'different-test-set';

export type FairnessLimit = 'max-difference' | 'min-ratio' | 'max-regression';

export type FairnessFinding =
  | { readonly found: 'error'; readonly reason: FairnessProblem; readonly message: string }
  | ({
      readonly found: 'measured';
      /** Of the same groups; absent where it is not known. */
      readonly baseline?: Disparity;
      /** The rule limits regressions, and there is no baseline yet. */
      readonly needsBaseline: boolean;
      readonly broken: readonly FairnessLimit[];
    } & Disparity);

/** What a fairness rule came to. */
export interface FairnessResult extends RuleResult<'fairness'> {
  readonly rule: FairnessRule;
  readonly verdict: 'error' | 'fail' | 'acknowledged' | 'warn' | 'new-baseline' | 'pass';
  readonly fairness: FairnessFinding;
}
