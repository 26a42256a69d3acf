import type { RegressionFinding } from './limits.ts';
import type { MetricResult } from './verdict.ts';
import { details, escapeMarkdown } from '../../../report/markdown.ts';
import { spanChart, type SpanRow } from '../../../report/mermaid.ts';
import { formatChange, formatPercent } from '../../../report/numbers.ts';
import { isCompared, signedRange, type Compared } from './interval-words.ts';
import { labelOf } from './words.ts';

/** More rows than this are no picture any more. */
const ROWS_SHOWN = 8;
/** In percent of the limit; where a wider interval is cut off, so that it does not squeeze the others. */
const PICTURE_END = 1000;

const WORD: Readonly<Record<RegressionFinding, string>> = {
  broken: 'too much worse',
  inconclusive: 'cannot be told',
  holds: 'within the limit',
};

/** A change with an interval, and the limit that the interval was judged by. */
interface Judged {
  readonly result: Compared;
  readonly finding: RegressionFinding;
  /** How much worse is allowed, above 0. */
  readonly allowed: number;
}

/**
 * The intervals of the changes, each in percent of what its rule allows, so that one picture holds metrics of any size,
 * folded. Empty where no interval was judged. `results` are shown in their order.
 */
export function intervalPart(results: readonly MetricResult[]): string {
  const judged = results.flatMap(judgedOf).slice(0, ROWS_SHOWN);
  const [first] = judged;
  if (first === undefined) return '';
  const sentences = judged.map(sentenceOf);
  const confidence = formatPercent(first.result.comparison.confidence);
  const chart = spanChart({
    title: 'Change in percent of what the rule allows: the limit is at −100, better is to the right',
    description: sentences.join(' '),
    rows: judged.map(rowOf),
  });
  const intro = `Where the true change lies (${confidence} intervals); it has to be within what is allowed as a whole.`;
  const list = sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`).join('\n');
  const body = [intro, list, chart].filter((text) => text !== '').join('\n\n');
  return details('Intervals of the changes', body);
}

/** Not what is alike in every row, and not a limit of 0, of which there are no percents. */
function judgedOf(result: MetricResult): Judged[] {
  if (!isCompared(result) || result.comparison.evidence !== 'sampled') return [];
  const check = result.checks.find(({ kind }) => kind === 'max-regression');
  if (check === undefined || !('bound' in check) || check.found === 'pre-existing') return [];
  const { allowed = 0, found } = check;
  return allowed > 0 ? [{ result, finding: found, allowed }] : [];
}

function sentenceOf({ result, finding, allowed }: Judged): string {
  return `${labelOf(result)}: ${signedRange(result)}, ${allowedText(result, allowed)}: ${WORD[finding]}.`;
}

function allowedText({ rule }: Compared, allowed: number): string {
  return rule.direction === 'higher'
    ? `allowed down to ${formatChange(-allowed)}`
    : `allowed up to ${formatChange(allowed)}`;
}

/** Better is to the right, whichever way the metric runs. */
function rowOf({ result, finding, allowed }: Judged): SpanRow {
  const [low, high] = result.comparison.interval;
  const [worst, best] = result.rule.direction === 'higher' ? [low, high] : [-high, -low];
  const [from, to] = [worst, best].map((end) => (end / allowed) * 100) as [number, number];
  const within = (position: number): number => Math.max(-PICTURE_END, Math.min(PICTURE_END, position));
  const isCut = from < -PICTURE_END || to > PICTURE_END;
  return {
    label: labelOf(result),
    allowedFrom: -100,
    allowedText: allowedText(result, allowed),
    from: within(from),
    to: within(to),
    spanText: isCut ? `${WORD[finding]}, beyond the picture` : `${WORD[finding]}, ${signedRange(result)}`,
    alarming: finding === 'broken',
  };
}
