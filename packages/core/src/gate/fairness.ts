import type {
  FairnessCriterion,
  FairnessFinding,
  FairnessResult,
  FairnessRule,
  Group,
  GroupRate,
} from './fairness-rules.ts';
import type { CandidateEvidence } from './judge.ts';
import { MetricError } from './measurement.ts';
import { encodeFor } from './metrics/classification.ts';
import type { Encoded, Sample } from './sample.ts';
import { sliceRows, type Slice } from './slices.ts';
import { normalQuantile } from './statistics/normal.ts';

type Evidence = Pick<CandidateEvidence, 'sample' | 'column'>;

const RATES: Readonly<Record<FairnessCriterion, readonly GroupRate['kind'][]>> = {
  'demographic-parity': ['selection'],
  'equal-opportunity': ['true-positive'],
  'equalised-odds': ['true-positive', 'false-positive'],
};

/**
 * Judges how differently a model treats groups of rows: the difference and the ratio of the largest and the smallest
 * rate, for equalised odds the worse of its two rates (Hardt, Price & Srebro, NeurIPS 2016; fairlearn's
 * `demographic_parity_*`, `equal_opportunity_*` and `equalized_odds_*`). `confidence` is the level of the groups'
 * intervals. A rate that is not defined is an error, and so are fewer than two groups that can be judged.
 */
export function judgeFairness(
  rules: readonly FairnessRule[],
  candidate: Evidence,
  confidence: number,
): FairnessResult[] {
  return rules.map((rule) => {
    const fairness = measured(rule, candidate, confidence);
    return { id: rule.id, rule, verdict: verdictOf(fairness, rule), fairness };
  });
}

function verdictOf(finding: FairnessFinding, { severity }: FairnessRule): FairnessResult['verdict'] {
  if (finding.found === 'error') return 'error';
  return finding.broken.length === 0 || severity === 'info' ? 'pass' : severity;
}

function measured(rule: FairnessRule, candidate: Evidence, confidence: number): FairnessFinding {
  const { sample, column } = candidate;
  if (sample === undefined) {
    return noGroups('There are no predictions of which to compare groups. Give some.');
  }
  const cells = column(rule.by);
  if (cells === undefined) {
    return noGroups(`The predictions have no column '${rule.by}'. Write it, or correct the name.`);
  }
  try {
    const groups = measureGroups(rule, sample, sliceRows([[rule.by, cells]]), confidence);
    const judged = groups.filter((group) => group.rates.length > 0);
    if (judged.length < 2) {
      return noGroups(
        `${judged.length} of ${groups.length} groups by ${rule.by} have the ${rule.minRows} rows that min-n asks for; it takes two to compare. Lower min-n, or evaluate on more rows.`,
      );
    }
    return compare(rule, groups, judged);
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return { found: 'error', reason: error.reason, message: error.message };
  }
}

function noGroups(message: string): FairnessFinding {
  return { found: 'error', reason: 'empty-slice', message };
}

function measureGroups(
  { fairness, by, minRows }: FairnessRule,
  sample: Sample,
  slices: readonly Slice[],
  confidence: number,
): Group[] {
  const { encoded, positive } = encodeFor({ needsPositive: true }, sample);
  const z = normalQuantile(0.5 + confidence / 2);
  return slices.map(({ where, rows }) => {
    const name = where[by] as string;
    const rateOf = (kind: GroupRate['kind']): GroupRate =>
      measureRate(kind, name, encoded, positive, rows, z);
    return { name, rows: rows.length, rates: rows.length < minRows ? [] : RATES[fairness].map(rateOf) };
  });
}

function measureRate(
  kind: GroupRate['kind'],
  group: string,
  { truth, guess }: Encoded,
  positive: number,
  rows: Uint32Array,
  z: number,
): GroupRate {
  const asked = rows.filter(
    (row) => kind === 'selection' || (truth[row] === positive) === (kind === 'true-positive'),
  );
  if (asked.length === 0) {
    const what = kind === 'true-positive' ? 'positive' : 'negative';
    throw new MetricError(
      'undefined-metric',
      `The group '${group}' has no ${what} row, so its ${kind} rate is 0/0. Raise min-n, or evaluate on more rows.`,
    );
  }
  const selected = asked.filter((row) => guess[row] === positive).length;
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

function compare(rule: FairnessRule, groups: readonly Group[], judged: readonly Group[]): FairnessFinding {
  const ranges = RATES[rule.fairness].map((_, k) => {
    const values = judged.map((group) => (group.rates[k] as GroupRate).value);
    return { low: Math.min(...values), high: Math.max(...values) };
  });
  const difference = Math.max(...ranges.map(({ low, high }) => high - low));
  const isDefined = ranges.every(({ high }) => high > 0);
  if (!isDefined && rule.minRatio !== undefined) {
    throw new MetricError(
      'undefined-metric',
      'A rate is 0 in every group, so their ratio is 0/0. Use max-difference instead of min-ratio.',
    );
  }
  const ratio = Math.min(...ranges.map(({ low, high }) => low / high));
  const { maxDifference = Infinity, minRatio = 0 } = rule;
  return {
    found: 'measured',
    groups,
    difference,
    ...(isDefined ? { ratio } : {}),
    broken: [
      // 0.4 − 0.3 is 0.10000000000000003 in doubles: that far equal amounts come out apart; it is no tolerance.
      ...(difference > maxDifference + 2 * Number.EPSILON ? (['max-difference'] as const) : []),
      ...(isDefined && ratio < minRatio - 2 * Number.EPSILON ? (['min-ratio'] as const) : []),
    ],
  };
}
