import { isPrintableUnicode } from './style.ts';
import type { Page } from './page.ts';

/** ruamel.yaml begins a new line where a space lies beyond this column. */
const WIDTH = 80;
const BREAKS = '\n\u0085\u2028\u2029';

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

/** Text without quotes and line breaks (`write_plain`): a word that does not fit goes to a line of its own. */
export function writePlain(page: Page, text: string, indent: number, isKey: boolean): void {
  if (text === '') return;
  page.space();
  for (const run of text.match(/ +|[^ ]+/g) ?? []) {
    if (!run.startsWith(' ')) {
      const fits = [...run].length + page.column <= WIDTH;
      if (!fits && page.column > indent) page.indentTo(indent);
      page.write(run);
    } else if (run.length === 1 && page.column >= WIDTH && !isKey) {
      page.indentTo(indent);
      page.continueLine();
    } else page.write(run);
  }
}

/** Text in single quotes (`write_single_quoted`). */
export function writeSingle(page: Page, text: string, indent: number, isKey: boolean): void {
  page.indicator("'", true);
  const characters = [...text];
  let start = 0;
  while (start < characters.length) {
    const kind = kindOf(characters[start] as string);
    let end = start + 1;
    while (end < characters.length && kind !== 'quote' && kindOf(characters[end] as string) === kind) end++;
    const run = characters.slice(start, end);
    const inside = start !== 0 && end !== characters.length;
    if (kind === 'space' && run.length === 1 && page.column > WIDTH && !isKey && inside)
      page.indentTo(indent);
    else if (kind === 'break') writeBreaks(page, run, indent);
    else page.write(kind === 'quote' ? "''" : run.join(''));
    start = end;
  }
  page.indicator("'", false);
}

function kindOf(character: string): 'space' | 'break' | 'quote' | 'word' {
  if (character === ' ') return 'space';
  if (character === "'") return 'quote';
  return BREAKS.includes(character) ? 'break' : 'word';
}

function writeBreaks(page: Page, run: readonly string[], indent: number): void {
  if (run[0] === '\n') page.lineBreak();
  for (const one of run) page.lineBreak(one);
  page.indentTo(indent);
}

/** Text in double quotes (`write_double_quoted`), step by step as there: its line breaks follow no simple rule. */
export function writeDouble(page: Page, text: string, indent: number, isKey: boolean): void {
  page.indicator('"', true);
  const characters = [...text];
  const slice = (from: number, to: number): string => characters.slice(from, to).join('');
  let start = 0;
  for (let end = 0; end <= characters.length; end++) {
    const character = characters[end];
    if (character === undefined || needsEscape(character)) {
      if (start < end) page.write(slice(start, end));
      start = Math.max(start, end);
      if (character !== undefined) {
        page.write(escaped(character));
        start = end + 1;
      }
    }
    const inside = end > 0 && end < characters.length - 1;
    if (!inside || !(character === ' ' || start >= end) || isKey) continue;
    if (page.column + (end - start) <= WIDTH) continue;
    const backslash = needsBackslash(characters, start, end);
    page.write(slice(start, end) + (backslash ? '\\' : ''));
    start = Math.max(start, end);
    page.indentTo(indent);
    page.continueLine();
    if (characters[start] !== ' ') continue;
    if (backslash) page.write('\\');
    else start++;
  }
  page.indicator('"', false);
}

function needsEscape(character: string): boolean {
  if ('"\\\u0085\u2028\u2029\ufeff'.includes(character)) return true;
  return !(character >= ' ' && character <= '~') && !isPrintableUnicode(character);
}

function escaped(character: string): string {
  const short = ESCAPES[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) as number;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Whether the end of a line in double quotes has to be escaped, because a reader would make a space of it. */
function needsBackslash(characters: readonly string[], start: number, end: number): boolean {
  let space = characters.indexOf(' ', end);
  if (space === -1) return true;
  const newline = characters.slice(0, space).indexOf('\n', end);
  if (newline !== -1) space = newline;
  const next = characters[space + 1];
  if (next === undefined) return true;
  if (characters[space] === '\n' && next !== ' ') return true;
  const ahead = characters.slice(end, space);
  return !(
    !ahead.includes('"') &&
    !ahead.includes("'") &&
    next !== ' ' &&
    next !== '\n' &&
    !(characters[end - 1] === ' ' && characters[end] === ' ') &&
    start !== end
  );
}
