import type { FairnessResult, Group, GroupRate } from '@sluice/core/gate/fairness-rules.ts';
import { code, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import { formatApart, formatNumber } from '@sluice/core/report/numbers.ts';

/** More groups than this do not fit into a glance. */
const GROUPS_SHOWN = 10;

/** One sentence about a fairness rule. Plain text. */
export function describeFairness({ id, rule, fairness: finding }: FairnessResult): string {
  if (finding.found === 'error') return `${id}: ${finding.message}`;
  const { difference, ratio = NaN, broken } = finding;
  if (broken.length === 0) {
    const shares = Number.isNaN(ratio) ? '' : `, their ratio is ${formatNumber(ratio)}`;
    return `${id}: groups by ${rule.by} differ by ${formatNumber(difference)} at most${shares}.`;
  }
  const parts = broken.map((limit) => {
    const [value, allowed] =
      limit === 'max-difference'
        ? formatApart(difference, rule.maxDifference ?? NaN)
        : formatApart(ratio, rule.minRatio ?? NaN);
    return limit === 'max-difference'
      ? `differ by ${value}, and at most ${allowed} is allowed`
      : `have a ratio of ${value}, and at least ${allowed} is asked for`;
  });
  return `${id}: groups by ${rule.by} ${parts.join('; they ')}.`;
}

/** The part of the report about fairness; empty without any. `word` says what a verdict is called. */
export function fairnessPart(
  results: readonly FairnessResult[],
  word: (verdict: FairnessResult['verdict']) => string,
): string {
  const parts = results.map((result) => {
    const { id, verdict, fairness: finding } = result;
    const head = `${code(id)}: ${word(verdict)}. ${escapeMarkdown(describeFairness(result))}`;
    return finding.found === 'error' ? head : `${head}\n\n${groupTable(finding.groups)}`;
  });
  return parts.length === 0 ? '' : ['#### Fairness', ...parts].join('\n\n');
}

function groupTable(groups: readonly Group[]): string {
  const kinds = groups.find((group) => group.rates.length > 0)?.rates.map((rate) => rate.kind) ?? [];
  const rows = groups
    .slice(0, GROUPS_SHOWN)
    .map(({ name, rows: count, rates }) => [
      escapeMarkdown(name),
      count.toLocaleString('en-US'),
      ...(rates.length === 0 ? kinds.map(() => 'too small to judge') : rates.map(rateText)),
    ]);
  const text = table(['Group', '>Rows', ...kinds.map((kind) => `>${kind} rate`)], rows);
  const more = groups.length - GROUPS_SHOWN;
  return more > 0 ? `${text}\n\n… and ${more} more groups in the result.` : text;
}

function rateText({ value, rows, interval: [low, high] }: GroupRate): string {
  const range = `${formatNumber(low)} to ${formatNumber(high)}`;
  return `${formatNumber(value)} (${range}, n = ${rows.toLocaleString('en-US')})`;
}
