/*
 * Charts as text that GitHub draws (mermaid), in light and dark. Only `gantt` and `xychart-beta` as mermaid 10.9 knows
 * them are used. Series differ by shape, bars and lines, and every colour stands out from white and from black, so
 * that nothing is said by colour alone. Beside each chart its sentence has to stand in the report.
 */

/** GitHub draws no diagram whose text is longer. */
export const MERMAID_LIMIT = 50_000;

/** Longer names run into the picture. */
const LABEL_LENGTH = 40;
/** At least 3 : 1 against white and against GitHub's dark grey. */
const BAR_COLOUR = '#6f8ab5';
const LINE_COLOUR = '#d4622a';
interface ChartText {
  readonly title: string;
  /** What a screen reader says of the picture. */
  readonly description: string;
}

export interface Point {
  readonly label: string;
  readonly value: number;
}

/** A line through named points, from left to right, on an axis of this range, or around them. Empty for fewer than two points, or one beyond ±1e15. */
export function lineChart({
  axis,
  range,
  points,
  ...text
}: ChartText & {
  axis: string;
  range?: readonly [number, number];
  points: readonly Point[];
}): string {
  const values = points.map(({ value }) => value);
  if (points.length < 2 || !values.every(isDrawable)) return '';
  return xyChart(LINE_COLOUR, [
    ...heading(text, '"'),
    `x-axis [${points.map(({ label }) => quoted(label)).join(', ')}]`,
    `y-axis "${plainSentence(axis)}" ${range === undefined ? rangeAround(values) : range.map(plain).join(' --> ')}`,
    `line [${values.map(plain).join(', ')}]`,
  ]);
}

/** Bars of what is, and a line of what is expected; both are shares from 0 to 1, in the order of the expected. */
export function shareChart({
  expectedAxis,
  foundAxis,
  points,
  ...text
}: ChartText & {
  expectedAxis: string;
  foundAxis: string;
  points: readonly { readonly expected: number; readonly found: number }[];
}): string {
  if (points.length < 2) return '';
  const list = (values: readonly number[]): string => `[${values.map(plain).join(', ')}]`;
  return xyChart(`${BAR_COLOUR}, ${LINE_COLOUR}`, [
    ...heading(text, '"'),
    `x-axis "${plainSentence(expectedAxis)}" [${points.map(({ expected }) => quoted(expected.toFixed(2))).join(', ')}]`,
    `y-axis "${plainSentence(foundAxis)}" 0 --> 1`,
    `bar ${list(points.map(({ found }) => found))}`,
    `line ${list(points.map(({ expected }) => expected))}`,
  ]);
}

/** One row of a chart of spans. Positions are numbers on the one axis that all rows share. */
export interface SpanRow {
  readonly label: string;
  /** From here to the right end of the picture everything is allowed. */
  readonly allowedFrom: number;
  readonly allowedText: string;
  readonly from: number;
  readonly to: number;
  readonly spanText: string;
  /** Drawn with an outline that stands out; its text has to say why. */
  readonly alarming: boolean;
}

/**
 * Spans one below the other, each under the bar of what is allowed. Bars of the states `done` and `active` would have
 * text that cannot be read in one of the two themes. Empty without rows, or with one beyond ±1e15.
 */
export function spanChart({ rows, ...text }: ChartText & { rows: readonly SpanRow[] }): string {
  if (rows.length === 0) return '';
  const ends = rows.flatMap(({ allowedFrom, from, to }) => [allowedFrom, from, to, 0]);
  if (!ends.every(isDrawable)) return '';
  const right = Math.ceil(Math.max(...ends, Math.max(...ends) - Math.min(...ends) * 0.2)) + 1;
  const widest = Math.max(...rows.map(({ label }) => plainText(label).length));
  return fence([
    directive({
      gantt: { leftPadding: 20 + 7 * widest, barHeight: 22, fontSize: 13, sectionFontSize: 13 },
    }),
    'gantt',
    ...heading(text, ''),
    'dateFormat x',
    'axisFormat %Q',
    'todayMarker off',
    ...rows.flatMap((row) => [
      `section ${plainText(row.label)}`,
      `${plainText(row.allowedText)} :${Math.round(row.allowedFrom)}, ${right}`,
      `${plainText(row.spanText)} :${row.alarming ? 'crit, ' : ''}${Math.round(row.from)}, ${atLeastOneAfter(row)}`,
    ]),
  ]);
}

/** Far from where doubles end, so that the room around a number is one too. */
function isDrawable(value: number): boolean {
  return Math.abs(value) <= 1e15;
}

/** A span of no width would not be drawn. */
function atLeastOneAfter({ from, to }: SpanRow): number {
  return Math.max(Math.round(to), Math.round(from) + 1);
}

function xyChart(palette: string, lines: readonly string[]): string {
  return fence([
    directive({
      xyChart: { width: 760, height: 300, titleFontSize: 16 },
      themeVariables: { xyChart: { plotColorPalette: palette } },
    }),
    'xychart-beta',
    ...lines,
  ]);
}

function heading({ title, description }: ChartText, quote: '' | '"'): string[] {
  const name = plainSentence(title);
  return [`title ${quote}${name}${quote}`, `accTitle: ${name}`, `accDescr: ${plainSentence(description)}`];
}

function directive(settings: object): string {
  return `%%{init: ${JSON.stringify(settings)}}%%`;
}

/** A chart that is too long to be drawn is none; the sentence beside it says the same. */
function fence(lines: readonly string[]): string {
  const text = lines.join('\n');
  return text.length > MERMAID_LIMIT ? '' : `\`\`\`mermaid\n${text}\n\`\`\``;
}

/** Letters, digits and signs that mean nothing to mermaid; everything else becomes `_`. */
function plainText(text: string): string {
  const characters = [...onlyPlain(text, '')];
  return characters.length > LABEL_LENGTH
    ? `${characters.slice(0, LABEL_LENGTH - 1).join('')}…`
    : characters.join('');
}

/** Longer, and with colons, which mean something in front of a task only. */
function plainSentence(text: string): string {
  return onlyPlain(text, ':');
}

function onlyPlain(text: string, also: '' | ':'): string {
  const safe = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[^\p{L}\p{M}\p{N} .,:_=@/+()×−–-]/gu, '_');
  return (also === ':' ? safe : safe.replaceAll(':', '_')) || '_';
}

function quoted(text: string): string {
  return `"${plainText(text)}"`;
}

/** A decimal number without exponent, which mermaid does not read, to six significant digits. */
function plain(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumSignificantDigits: 6 });
}

function rangeAround(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low) / 10 || Math.abs(high) / 100 || 1;
  return `${plain(low - room)} --> ${plain(high + room)}`;
}
