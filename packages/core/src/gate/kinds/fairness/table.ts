import { code, details, escapeMarkdown, table } from '../../../report/markdown.ts';
import { formatNumber } from '../../../report/numbers.ts';
import type { ReportParts } from '../kind.ts';
import { WORD } from '../../report/verdict-words.ts';
import type { FairnessFinding, FairnessResult, Group, GroupRate } from './settle.ts';
import { describeFairness } from './words.ts';

/** More groups than this do not fit into a glance. */
const GROUPS_SHOWN = 10;

type Measured = Extract<FairnessFinding, { found: 'measured' }>;

/** What the report says about groups: those that are treated differently, and folded those that are treated alike. */
export function fairnessParts(results: readonly FairnessResult[]): ReportParts {
  const quiet = fairnessTables(results.filter(({ verdict }) => verdict === 'pass'));
  return {
    news: fairnessTables(results.filter(({ verdict }) => verdict !== 'pass')),
    quiet: quiet === '' ? '' : details('Groups alike', quiet),
  };
}

function fairnessTables(results: readonly FairnessResult[]): string {
  const parts = results.map((result) => {
    const { id, verdict, fairness: finding } = result;
    const head = `${code(id)}: ${WORD[verdict]}. ${escapeMarkdown(describeFairness(result))}`;
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
