import type {
  Disparity,
  FairnessCriterion,
  FairnessFinding,
  FairnessLimit,
  FairnessProblem,
  FairnessResult,
  FairnessRule,
  Group,
  GroupRate,
} from './settle.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../../measured-models.ts';
import { MetricError } from '../../measurement.ts';
import { encodeFor } from '../../metrics/classification.ts';
import { everyRepeat } from '../../repeats.ts';
import type { Encoded, Sample } from '../../sample.ts';
import { sliceRows, type Slice } from '../../slices.ts';
import { normalQuantile } from '../../../statistics/normal.ts';

/** There are no two groups to compare. */
class TooFewGroups extends Error {}

type Predictions = Pick<MeasuredCandidate, 'sample' | 'column'>;

const RATES: Readonly<Record<FairnessCriterion, readonly GroupRate['kind'][]>> = {
  'demographic-parity': ['selection'],
  'equal-opportunity': ['true-positive'],
  'equalised-odds': ['true-positive', 'false-positive'],
};

/**
 * Judges how differently a model treats groups of rows: the difference and the ratio of the largest and the smallest
 * rate, for equalised odds the worse of its two rates (Hardt, Price & Srebro, NeurIPS 2016; fairlearn's
 * `demographic_parity_*`, `equal_opportunity_*` and `equalized_odds_*`). `confidence` is the level of the groups'
 * intervals. A rate that is not defined is an error, and so are fewer than two groups that can be judged, and a
 * regression limit whose baseline was not measured on the same rows.
 */
export function judgeFairness(
  rules: readonly FairnessRule[],
  candidate: Predictions,
  baseline: MeasuredBaseline,
  confidence: number,
): FairnessResult[] {
  return rules.map((rule) => {
    const fairness = measured(rule, candidate, baseline, confidence);
    return { kind: 'fairness', id: rule.id, rule, verdict: verdictOf(fairness, rule), fairness };
  });
}

function verdictOf(finding: FairnessFinding, { severity }: FairnessRule): FairnessResult['verdict'] {
  if (finding.found === 'error') return 'error';
  if (finding.broken.length > 0 && severity !== 'info') return severity;
  return finding.needsBaseline ? 'new-baseline' : 'pass';
}

function measured(
  rule: FairnessRule,
  { sample, column }: Predictions,
  baseline: MeasuredBaseline,
  confidence: number,
): FairnessFinding {
  if (sample === undefined) {
    return problem('empty-slice', 'There are no predictions of which to compare groups. Give some.');
  }
  const columns: [string, readonly (string | null)[]][] = [];
  for (const name of rule.by) {
    const cells = column(name);
    if (cells === undefined) {
      return problem(
        'empty-slice',
        `The predictions have no column '${name}'. Write it, or correct the name.`,
      );
    }
    columns.push([name, cells]);
  }
  const disparityOf = (model: Sample): Disparity => disparity(rule, model, sliceRows(columns), confidence);
  try {
    const own = disparityOf(sample);
    if (rule.minRatio !== undefined && own.ratio === undefined) {
      throw new MetricError(
        'undefined-metric',
        'A rate is 0 in every group, so their ratio is 0/0. Use max-difference instead of min-ratio.',
      );
    }
    const isAlone = baseline.kind === 'none' || baseline.sample.kind === 'set-aside';
    if (isAlone || rule.maxRegression === undefined) {
      return { found: 'measured', ...own, ...tried(rule, own, undefined) };
    }
    if (baseline.sample.kind === 'same') {
      const before = disparityOf(baseline.sample.value);
      return { found: 'measured', ...own, baseline: before, ...tried(rule, own, before) };
    }
    return baseline.sample.kind === 'different'
      ? problem('different-test-set', baseline.sample.message)
      : problem(
          'missing-metric',
          'The baseline has no stored predictions, so it is not known how it treats the groups. Set gate.evaluate, so that it is scored again.',
        );
  } catch (error) {
    if (error instanceof TooFewGroups) return problem('empty-slice', error.message);
    if (!(error instanceof MetricError)) throw error;
    return problem(error.reason, error.message);
  }
}

function problem(reason: FairnessProblem, message: string): FairnessFinding {
  return { found: 'error', reason, message };
}

function disparity(
  rule: FairnessRule,
  sample: Sample,
  slices: readonly Slice[],
  confidence: number,
): Disparity {
  const groups = measureGroups(rule, sample, slices, confidence);
  const judged = groups.filter((group) => group.rates.length > 0);
  if (judged.length < 2) {
    throw new TooFewGroups(
      `${judged.length} of ${groups.length} groups by ${rule.by.join(' × ')} have the ${rule.minRows} rows that min-n asks for; it takes two to compare. Lower min-n, or evaluate on more rows.`,
    );
  }
  const ranges = RATES[rule.fairness].map((_, k) => {
    const values = judged.map((group) => (group.rates[k] as GroupRate).value);
    return { low: Math.min(...values), high: Math.max(...values) };
  });
  return {
    groups,
    difference: Math.max(...ranges.map(({ low, high }) => high - low)),
    ...(ranges.every(({ high }) => high > 0)
      ? { ratio: Math.min(...ranges.map(({ low, high }) => low / high)) }
      : {}),
  };
}

/** 0.4 − 0.3 is 0.10000000000000003 in doubles: that far equal amounts come out apart; it is no tolerance. */
const APART = 2 * Number.EPSILON;

function tried(
  { maxDifference = Infinity, minRatio = 0, maxRegression }: FairnessRule,
  { difference, ratio = 1 }: Disparity,
  before: Disparity | undefined,
): { broken: FairnessLimit[]; needsBaseline: boolean } {
  const growth = before === undefined ? -Infinity : difference - before.difference;
  const isBroken: Record<FairnessLimit, boolean> = {
    'max-difference': difference > maxDifference + APART,
    'min-ratio': ratio < minRatio - APART,
    'max-regression': growth > (maxRegression ?? Infinity) + 2 * APART,
  };
  const limits = ['max-difference', 'min-ratio', 'max-regression'] as const;
  return {
    broken: limits.filter((limit) => isBroken[limit]),
    needsBaseline: maxRegression !== undefined && before === undefined,
  };
}

function measureGroups(
  { fairness, minRows }: FairnessRule,
  sample: Sample,
  slices: readonly Slice[],
  confidence: number,
): Group[] {
  const runs = everyRepeat(sample).map((run) => encodeFor({ needsPositive: true }, run));
  const z = normalQuantile(0.5 + confidence / 2);
  return slices.map(({ where, rows }) => {
    const rateOf = (kind: GroupRate['kind']): GroupRate => measureRate(kind, where, runs, rows, z);
    return { where, rows: rows.length, rates: rows.length < minRows ? [] : RATES[fairness].map(rateOf) };
  });
}

interface Run {
  readonly encoded: Encoded;
  readonly positive: number;
}

/** A row counts as selected in the share of its repeats that select it. */
function measureRate(
  kind: GroupRate['kind'],
  where: Group['where'],
  runs: readonly Run[],
  rows: Uint32Array,
  z: number,
): GroupRate {
  const { encoded, positive } = runs[0] as Run;
  const asked = rows.filter(
    (row) => kind === 'selection' || (encoded.truth[row] === positive) === (kind === 'true-positive'),
  );
  if (asked.length === 0) {
    const what = kind === 'true-positive' ? 'positive' : 'negative';
    throw new MetricError(
      'undefined-metric',
      `The group '${Object.values(where).join(' × ')}' has no ${what} row, so its ${kind} rate is 0/0. Raise min-n, or evaluate on more rows.`,
    );
  }
  const counts = runs.map((run) => asked.filter((row) => run.encoded.guess[row] === run.positive).length);
  const selected = counts.reduce((sum, n) => sum + n, 0) / runs.length;
  const value = selected / asked.length;
  return { kind, value, rows: asked.length, interval: wilson(selected, asked.length, z) };
}

/**
 * Wilson's score interval of a share (E. B. Wilson, Journal of the American Statistical Association 22, 1927): right for
 * few rows and for shares of 0 and 1. `z` is the normal quantile of the level.
 */
export function wilson(hits: number, rows: number, z: number): readonly [number, number] {
  const share = hits / rows;
  const scale = 1 + (z * z) / rows;
  const centre = (share + (z * z) / (2 * rows)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / rows + (z * z) / (4 * rows * rows));
  return [hits === 0 ? 0 : centre - half, hits === rows ? 1 : centre + half];
}
