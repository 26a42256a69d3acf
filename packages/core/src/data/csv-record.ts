import type { CsvDialect } from './format.ts';

const LF = 10;
const CR = 13;

/** One record of a CSV buffer. Offsets are into the buffer scanned. */
export interface CsvRecord {
  readonly start: number;
  /** Behind the last byte of the content, before the line break. */
  readonly contentEnd: number;
  /** Where the next record starts. */
  readonly end: number;
  readonly fields: number;
  /** Line breaks inside, with the one that ends it. */
  readonly lines: number;
  readonly ending: 'lf' | 'crlf' | 'cr' | 'none';
  readonly quoting: 'fine' | 'text-after-quote' | 'never-closed';
}

interface Marks {
  readonly delimiter: number;
  readonly quote: number;
  readonly escape: number;
}

/** The dialect's marks as bytes. */
export function marksOf(dialect: CsvDialect): Marks {
  const code = (text: string): number => text.charCodeAt(0);
  return { delimiter: code(dialect.delimiter), quote: code(dialect.quote), escape: code(dialect.escape) };
}

/**
 * Finds the record that starts at `start` (RFC 4180: fields may be quoted, a quoted field may hold delimiters and line
 * breaks). Returns undefined when the buffer ends first and `last` is false, so that more bytes may complete it.
 */
export function scanRecord(
  bytes: Uint8Array,
  start: number,
  marks: Marks,
  last: boolean,
): CsvRecord | undefined {
  const { delimiter, quote, escape } = marks;
  const size = bytes.length;
  let at = start;
  let fields = 1;
  let lines = 0;
  let fieldStart = start;
  let closed = false;
  let quoting: CsvRecord['quoting'] = 'fine';
  while (at < size) {
    const byte = bytes[at] as number;
    if (byte === delimiter) {
      fields += 1;
      fieldStart = at + 1;
      closed = false;
    } else if (byte === LF) {
      return { start, contentEnd: at, end: at + 1, fields, lines: lines + 1, ending: 'lf', quoting };
    } else if (byte === CR) {
      if (at + 1 === size && !last) return undefined;
      const crlf = bytes[at + 1] === LF;
      const end = at + (crlf ? 2 : 1);
      return { start, contentEnd: at, end, fields, lines: lines + 1, ending: crlf ? 'crlf' : 'cr', quoting };
    } else if (byte === quote && at === fieldStart) {
      const close = closingQuote(bytes, at + 1, quote, escape, last);
      if (close === undefined) return undefined;
      lines += breaksBetween(bytes, at + 1, close.at);
      if (!close.found) {
        return { start, contentEnd: size, end: size, fields, lines, ending: 'none', quoting: 'never-closed' };
      }
      at = close.at;
      closed = true;
    } else if (closed) {
      quoting = 'text-after-quote';
    }
    at += 1;
  }
  return last
    ? { start, contentEnd: size, end: size, fields, lines: lines + 1, ending: 'none', quoting }
    : undefined;
}

/** The quote that ends a quoted field; undefined when the bytes so far cannot tell. */
function closingQuote(
  bytes: Uint8Array,
  from: number,
  quote: number,
  escape: number,
  last: boolean,
): { at: number; found: boolean } | undefined {
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === escape && bytes[at + 1] === quote) at += 1;
    else if (byte === quote) {
      if (at + 1 === bytes.length && !last) return undefined;
      return { at, found: true };
    }
  }
  return last ? { at: bytes.length, found: false } : undefined;
}

function breaksBetween(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) count += 1;
  }
  return count;
}

/** The texts of a record's fields, quotes and escapes removed. */
export function recordFields(bytes: Buffer, record: CsvRecord, dialect: CsvDialect): string[] {
  const text = bytes.toString('utf8', record.start, record.contentEnd);
  const { delimiter, quote, escape } = dialect;
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  let fresh = true;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted && char === escape && text.charAt(at + 1) === quote) field += text.charAt(++at);
    else if (quoted && char === quote) quoted = false;
    else if (!quoted && fresh && char === quote) quoted = true;
    else if (!quoted && char === delimiter) {
      fields.push(field);
      field = '';
      fresh = true;
      continue;
    } else field += char;
    fresh = false;
  }
  return [...fields, field];
}
