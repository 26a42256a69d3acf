import type {
  FairnessFinding,
  FairnessLimit,
  FairnessResult,
  FairnessRule,
  Group,
  GroupRate,
} from './settle.ts';
import { code, escapeMarkdown, table } from '../../../report/markdown.ts';
import { formatApart, formatNumber } from '../../../report/numbers.ts';

/** More groups than this do not fit into a glance. */
const GROUPS_SHOWN = 10;

type Measured = Extract<FairnessFinding, { found: 'measured' }>;

/** One sentence about a fairness rule. Plain text. */
export function describeFairness({ id, rule, fairness: finding }: FairnessResult): string {
  if (finding.found === 'error') return `${id}: ${finding.message}`;
  const { difference, ratio, baseline, broken, needsBaseline } = finding;
  const groups = `groups by ${rule.by.join(' × ')}`;
  if (broken.length > 0) {
    return `${id}: ${groups} ${broken.map((limit) => brokenText(limit, rule, finding)).join('; they ')}.`;
  }
  const shares = ratio === undefined ? '' : `, their ratio is ${formatNumber(ratio)}`;
  const before = baseline === undefined ? '' : ` (baseline ${formatNumber(baseline.difference)})`;
  const missing = needsBaseline ? '; there is no baseline to compare them with yet' : '';
  return `${id}: ${groups} differ by ${formatNumber(difference)} at most${before}${shares}${missing}.`;
}

function brokenText(
  limit: FairnessLimit,
  rule: FairnessRule,
  { difference, ratio, baseline }: Measured,
): string {
  switch (limit) {
    case 'max-difference': {
      const [value, allowed] = formatApart(difference, rule.maxDifference ?? NaN);
      return `differ by ${value}, and at most ${allowed} is allowed`;
    }
    case 'min-ratio': {
      const [value, allowed] = formatApart(ratio ?? NaN, rule.minRatio ?? NaN);
      return `have a ratio of ${value}, and at least ${allowed} is asked for`;
    }
    case 'max-regression': {
      const before = baseline?.difference ?? NaN;
      const [growth, allowed, from, to] = formatApart(
        difference - before,
        rule.maxRegression ?? NaN,
        before,
        difference,
      );
      return `differ by ${growth} more than for the baseline (from ${from} to ${to}), and ${allowed} more is allowed`;
    }
  }
}

/** The part of the report about fairness; empty without any. `word` says what a verdict is called. */
export function fairnessPart(
  results: readonly FairnessResult[],
  word: (verdict: FairnessResult['verdict']) => string,
): string {
  const parts = results.map((result) => {
    const { id, verdict, fairness: finding } = result;
    const head = `${code(id)}: ${word(verdict)}. ${escapeMarkdown(describeFairness(result))}`;
    return finding.found === 'error' ? head : `${head}\n\n${groupTable(finding)}`;
  });
  return parts.length === 0 ? '' : ['#### Fairness', ...parts].join('\n\n');
}

function groupTable({ groups, baseline }: Measured): string {
  const kinds = groups.find((group) => group.rates.length > 0)?.rates.map((rate) => rate.kind) ?? [];
  const cells = ({ rates }: Group): string[] =>
    rates.length === 0 ? kinds.map(() => 'too small to judge') : rates.map(rateText);
  const rows = groups
    .slice(0, GROUPS_SHOWN)
    .map((group, i) => [
      ...Object.values(group.where).map(escapeMarkdown),
      group.rows.toLocaleString('en-US'),
      ...cells(group),
      ...(baseline === undefined ? [] : cells(baseline.groups[i] as Group)),
    ]);
  const heads = [
    ...Object.keys(groups[0]?.where ?? {}).map(escapeMarkdown),
    '>Rows',
    ...kinds.map((kind) => `>${kind} rate`),
    ...(baseline === undefined ? [] : kinds.map((kind) => `>${kind} rate of the baseline`)),
  ];
  const text = table(heads, rows);
  const more = groups.length - GROUPS_SHOWN;
  return more > 0 ? `${text}\n\n… and ${more} more groups in the result.` : text;
}

function rateText({ value, rows, interval: [low, high] }: GroupRate): string {
  const range = `${formatNumber(low)} to ${formatNumber(high)}`;
  return `${formatNumber(value)} (${range}, n = ${rows.toLocaleString('en-US')})`;
}
