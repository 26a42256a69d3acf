/*
 * Text for GitHub's markdown (GFM). Everything that comes from a file, a branch name or a server passes through
 * `escapeMarkdown` or `code`, so that it can neither break a table nor mention a person nor become a link.
 */

import { visible } from './visible.ts';

/** GitHub reads this much of a comment or of a check run's summary, in characters. */
export const COMMENT_LIMIT = 65_535;
/** GitHub shows this much of a job summary, in bytes. */
export const SUMMARY_LIMIT = 1_048_576;

/** Invisible, and enough to keep GitHub from turning `@name`, `#12` or `http://…` into a mention or a link. */
const BREAK = '&#8203;';

/** Returns `text` as one line of markdown that renders as exactly these characters. Safe in a table cell. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]<>#+!~&$]/g, '\\$&')
    .replace(/#(?=\d)/g, `#${BREAK}`)
    .replaceAll('|', '&#124;')
    .replace(/^([-=]|\d+(?=[.)]))/, BREAK + '$1')
    .replace(/@(?=\w)/g, `@${BREAK}`)
    .replace(/:\/\//g, `:${BREAK}//`)
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}${BREAK}.`);
}

/** Returns `text` as a code span, whatever backticks it holds; nothing inside is interpreted. */
export function code(text: string): string {
  const line = oneLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^`|`$|^ .* $/.test(line) || line.trim() === '' ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/**
 * Returns a table. `header` and cells are markdown (use `escapeMarkdown` or `code` for foreign text); a header that
 * begins with `>` is a right-aligned column of numbers.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const names = header.map((name) => name.replace(/^>/, ''));
  const rule = header.map((name) => (name.startsWith('>') ? '---:' : '---'));
  return [names, rule, ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');
}

/** Returns a code block that nothing in `text` can end. GitHub gives it a button that copies all of it. */
export function codeBlock(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${visible(text).trimEnd()}\n${fence}`;
}

/** Returns the text with a few digits in place of each sha256 digest; the whole ones belong into a folded part. */
export function withShortDigests(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…');
}

/** Returns a folded part. `summary` is plain text, `body` is markdown. */
export function details(summary: string, body: string): string {
  return `<details>\n<summary>${escapeHtml(oneLine(summary))}</summary>\n\n${body}\n\n</details>`;
}

/** Returns `text` with the characters that mean something in HTML as entities. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'@]/g, (c) => (c === '@' ? `@${BREAK}` : `&#${String(c.codePointAt(0))};`));
}

/**
 * Returns `text` if it fits into `limit` (characters, or bytes of UTF-8), else its first lines followed by `pointer`, a
 * sentence that says where the rest is. Folded parts and code blocks that the cut left open are closed.
 */
export function truncate(
  text: string,
  limit: number,
  pointer: string,
  unit: 'characters' | 'bytes' = 'characters',
): string {
  const size = (part: string): number => (unit === 'bytes' ? Buffer.byteLength(part) : part.length);
  if (size(text) <= limit) return text;
  const lines = text.split('\n');
  let kept = lines.length;
  let result: string;
  do {
    kept = Math.min(kept - 1, Math.floor(kept * Math.min(1, limit / size(lines.slice(0, kept).join('\n')))));
    result = `${closed(lines.slice(0, Math.max(0, kept)).join('\n'))}\n\n${pointer}`;
  } while (kept > 0 && size(result) > limit);
  return kept > 0 ? result : pointer;
}

function closed(markdown: string): string {
  const count = (pattern: RegExp): number => markdown.match(pattern)?.length ?? 0;
  const fence = count(/^```/gm) % 2 === 1 ? '\n```' : '';
  const open = count(/^<details>/gm) - count(/^<\/details>/gm);
  return markdown + fence + '\n\n</details>'.repeat(Math.max(0, open));
}

/** A pipe ends a cell even inside a code span, where GFM takes `\|` for it. */
function cell(markdown: string): string {
  return markdown.replace(/\r?\n/g, ' ').replace(/(?<!\\)\|/g, '\\|');
}

function oneLine(text: string): string {
  return visible(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '));
}
