import { code, codeBlock, details, escapeMarkdown, SUMMARY_LIMIT, table } from './markdown.ts';
import { formatNumber } from './numbers.ts';
import { fitSections, type Section } from './sections.ts';

/** The sentence that everything else explains: which model, which version of it, what became of it. */
export interface Headline {
  /** Undefined where a step ended before it knew. */
  readonly model: string | undefined;
  /** Which job of a matrix says so; absent or '' without one. */
  readonly matrixKey?: string | undefined;
  readonly version?: string | undefined;
  /** Plain text that begins with a verb and has no full stop: `is live in production instead of v1.0.0`. */
  readonly verdict: string;
  /** Whether it says so where there are warnings; true unless the verdict has said it all. */
  readonly tellsWarnings?: boolean | undefined;
  /** What follows from it, where that is always one of a few: `this can merge`. */
  readonly advice?: string | undefined;
}

/**
 * What every action writes into the job summary, in this order: the headline and why it is so, what changed, what to do,
 * what was found, and folded all the rest.
 */
export interface Summary {
  readonly headline: Headline;
  /** What is different from before. */
  readonly changed: readonly Section[];
  /** False where the rest says what to do. */
  readonly tellsTodo?: boolean;
  readonly rest: readonly Section[];
  /** A sentence that says where all of it is, if it is not in `result`. */
  readonly elsewhere?: string | undefined;
}

/** A reason code, where something is wrong. */
export interface ToldReason {
  readonly code: string;
  /** What to do about it, markdown; undefined where the message says it. */
  readonly remedy?: string | undefined;
}

/** What the outcome says of itself, of which the summary is the long form. */
export interface Said {
  /** The one sentence or more of the annotation, plain text. It may begin with the headline, which is then not said twice. */
  readonly message: string;
  readonly warns: boolean;
  readonly reason?: ToldReason | undefined;
}

const ELSEWHERE = 'This is more than GitHub shows. All of it is in the output `result`.';
/** What the runner adds counts as well. */
const LIMIT = SUMMARY_LIMIT - 1024;

/** The summary as markdown, never longer than GitHub shows. */
export function renderSummary(summary: Summary, said: Said): string {
  const { headline, changed, tellsTodo = true, rest, elsewhere = ELSEWHERE } = summary;
  const todo = tellsTodo && said.reason !== undefined ? [reasonSection(said.reason)] : [];
  return fitSections(
    [headlineSection(headline, said), ...changed, ...todo, ...rest],
    LIMIT,
    elsewhere,
    'bytes',
  );
}

/** The headline, and in bold why it is so. */
export function headlineSection(headline: Headline, { message, warns }: Omit<Said, 'reason'>): Section {
  const { model, matrixKey = '', version, verdict, tellsWarnings = true, advice } = headline;
  const names = [
    model === undefined ? 'The model' : titleOf(model, matrixKey),
    ...(version === undefined ? [] : [code(version)]),
    `${escapeMarkdown(verdict)}${warns && tellsWarnings ? ', with warnings' : ''}${advice === undefined ? '' : `: ${advice}`}`,
  ];
  const why = whyMarkdown(withoutHeadline(message, headlineText(headline)));
  return { weight: 'verdict', markdown: [`### ${names.join(' ')}`, ...why].join('\n\n') };
}

/** The first line is a sentence; what follows are lines to read or to copy as they are. */
function whyMarkdown(message: string): string[] {
  const [sentence = '', ...lines] = message.split(/\r?\n/);
  return [
    // Nothing in bold is a line across the page.
    ...(escapeMarkdown(sentence).trim() === '' ? [] : [`**${escapeMarkdown(sentence)}**`]),
    ...(lines.length === 0 ? [] : [codeBlock(lines.join('\n'))]),
  ];
}

/** The headline as the beginning of a message. */
export function headlineText({ model, version, verdict }: Headline): string {
  return [model, version, verdict].filter((part) => part !== undefined).join(' ');
}

/** The model, and which job of a matrix says so. */
function titleOf(model: string, matrixKey: string): string {
  return matrixKey === '' ? code(model) : `${code(model)} (${code(matrixKey)})`;
}

const LABEL = /^Dry run: /;

/** What a message says after its headline, as a sentence of its own. */
function withoutHeadline(message: string, headline: string): string {
  const [label = ''] = LABEL.exec(message) ?? [];
  if (!message.startsWith(headline, label.length)) return message;
  const rest = message.slice(label.length + headline.length).replace(/^[.,;:]?\s*(and )?/, '');
  return (
    label +
    rest.replace(/^\w(?=[a-z]*[ ,])/, (first) => (label === '' ? first.toUpperCase() : first.toLowerCase()))
  );
}

/** The page that says of each reason code, under a heading of that name, how to get out. */
const WAYS_OUT = 'https://github.com/sluice-ml/sluice/blob/v1/docs/troubleshooting.md';

/** What to do, and the reason code with the page that says more. */
export function reasonSection({ code: reason, remedy }: ToldReason): Section {
  const about = `Reason code: ${code(reason)} ([ways out](${WAYS_OUT}#${reason})).`;
  return unfolded(remedy === undefined ? about : `#### What to do\n\n${remedy}\n\n${about}`, 'verdict');
}

/** Markdown that everybody sees. */
export function unfolded(markdown: string, weight: 'verdict' | 'finding' = 'finding'): Section {
  return { weight, markdown };
}

/** Markdown for those who look further. */
export function folded(title: string, markdown: string): Section {
  return { weight: 'appendix', markdown: details(title, markdown) };
}

/** More than these nobody reads at a glance. */
const METRICS_SHOWN = 12;

/** Metrics: rounded for everybody, unrounded for those who look further. */
export function metricsSections(metrics: Readonly<Record<string, number>>): Section[] {
  const entries = Object.entries(metrics);
  if (entries.length === 0) return [];
  const rows = (shown: typeof entries, format: (value: number) => string): string =>
    table(
      ['Metric', '>Value'],
      shown.map(([name, value]) => [escapeMarkdown(name), format(value)]),
    );
  const more = entries.length - METRICS_SHOWN;
  const rest = more > 0 ? `\n\nand ${more} more, folded below.` : '';
  return [
    unfolded(rows(entries.slice(0, METRICS_SHOWN), formatNumber) + rest),
    folded(`All metrics, unrounded (${entries.length})`, rows(entries, String)),
  ];
}

/** What is short elsewhere, such as digests: each whole, with a button that copies it. */
export function wholeSection(title: string, values: Readonly<Record<string, string | undefined>>): Section {
  const blocks = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${escapeMarkdown(name)}\n\n${codeBlock(value)}`],
  );
  return folded(title, blocks.join('\n\n'));
}
