import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { UserError } from '../action/errors.ts';
import { marksOf, recordFields, scanRecord, type CsvRecord } from './csv-record.ts';
import { isGzip, type CsvDialect } from './format.ts';
import { refuseTooWide } from './read-limits.ts';
import { ScanBuilder, textChunks, type TextScan } from './text-scan.ts';

/** A CSV file whose structure has been checked. */
export interface CsvFile {
  readonly dialect: CsvDialect;
  readonly header: readonly string[];
  readonly scan: TextScan;
  /** Whether DuckDB can read the file as it is; if not, it reads the copy that `copyCsv` writes. */
  readonly needsCopy: boolean;
}

const CANDIDATES = [',', ';', '\t', '|'];
const SAMPLE_RECORDS = 50;
/** Longest record in bytes; also what DuckDB is told. */
export const MAX_RECORD_BYTES = 16_000_000;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a CSV file from first to last byte and says which records have another number of fields than the header, broken
 * quotes, no content or bytes that are not UTF-8. Nothing is guessed but the delimiter, from the first lines. Empty
 * lines at the end are ignored. Throws `unreadable-data` when the header itself cannot be used.
 */
export async function scanCsv(file: string, given: Partial<CsvDialect>): Promise<CsvFile> {
  const builder = new ScanBuilder();
  let dialect: CsvDialect | undefined;
  let header: string[] | undefined;
  let line = 1;
  let emptyLines: number[] = [];
  let plain = !isGzip(file);
  await eachRecord(
    file,
    (sample) => (dialect = completeDialect(given, sample)),
    (bytes, record) => {
      const startsOn = line;
      line += record.lines;
      if (record.ending !== 'lf' && record.ending !== 'none') plain = false;
      if (header === undefined) {
        if (startsOn === 1 && bytes.subarray(0, 3).equals(BOM)) plain = false;
        header = parseHeader(file, bytes, record, dialect as CsvDialect);
        return;
      }
      if (record.contentEnd === record.start && header.length > 1) {
        emptyLines.push(startsOn);
        return;
      }
      for (const empty of emptyLines) builder.add(empty, 'is empty');
      emptyLines = [];
      builder.add(startsOn, problemOf(bytes, record, header.length));
    },
  );
  if (dialect === undefined || header === undefined) throw emptyFile(file);
  const scan = builder.finish();
  return { dialect, header, scan, needsCopy: !plain || scan.bad.length > 0 || emptyLines.length > 0 };
}

/** Writes the usable records of a scanned file, with its header, as plain UTF-8 with `\n`; nothing else changes. */
export async function copyCsv(file: string, csv: CsvFile, destination: string): Promise<void> {
  const out = createWriteStream(destination);
  const bad = new Set(csv.scan.bad.map((b) => b.line));
  let line = 1;
  await eachRecord(
    file,
    () => csv.dialect,
    (bytes, record) => {
      const empty = record.contentEnd === record.start && csv.header.length > 1;
      if (!bad.has(line) && !empty) {
        out.write(bytes.toString('latin1', skipBom(bytes, record, line), record.contentEnd) + '\n', 'latin1');
      }
      line += record.lines;
    },
    out,
  );
  out.end();
  await finished(out);
}

/** Streams a file and hands every record over, with a buffer that holds the whole of it. */
async function eachRecord(
  file: string,
  start: (sample: Buffer) => CsvDialect,
  record: (bytes: Buffer, record: CsvRecord) => void,
  out?: WriteStream,
): Promise<void> {
  let held: Buffer = Buffer.alloc(0);
  let marks: ReturnType<typeof marksOf> | undefined;
  const consume = (last: boolean): void => {
    marks ??= marksOf(start(held));
    let at = 0;
    while (at < held.length) {
      const next = scanRecord(held, at, marks, last);
      if (next === undefined) break;
      record(held, next);
      at = next.end;
    }
    held = held.subarray(at);
  };
  for await (const chunk of textChunks(file)) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    consume(false);
    if (held.length > MAX_RECORD_BYTES) throw longRecord(file);
    if (out?.writableNeedDrain) await once(out, 'drain');
  }
  if (held.length > 0) consume(true);
}

function completeDialect(given: Partial<CsvDialect>, sample: Buffer): CsvDialect {
  const quote = given.quote ?? '"';
  const escape = given.escape ?? quote;
  return { delimiter: given.delimiter ?? findDelimiter(sample, { quote, escape }), quote, escape };
}

/** The candidate that splits most of the first records into as many fields as the header, more than one. */
function findDelimiter(sample: Buffer, rest: Omit<CsvDialect, 'delimiter'>): string {
  let best = { delimiter: ',', agreeing: 0, fields: 1 };
  for (const delimiter of CANDIDATES) {
    const counts = fieldCounts(sample, { delimiter, ...rest });
    const fields = counts[0] ?? 1;
    if (fields === 1) continue;
    const agreeing = counts.filter((count) => count === fields).length;
    if (agreeing > best.agreeing || (agreeing === best.agreeing && fields > best.fields)) {
      best = { delimiter, agreeing, fields };
    }
  }
  return best.delimiter;
}

function fieldCounts(sample: Buffer, dialect: CsvDialect): number[] {
  const counts: number[] = [];
  const marks = marksOf(dialect);
  let at = 0;
  while (at < sample.length && counts.length < SAMPLE_RECORDS) {
    const record = scanRecord(sample, at, marks, true);
    if (record === undefined) break;
    counts.push(record.fields);
    at = record.end;
  }
  return counts;
}

function parseHeader(file: string, bytes: Buffer, record: CsvRecord, dialect: CsvDialect): string[] {
  const start = skipBom(bytes, record, 1);
  if (start === record.contentEnd) throw emptyFile(file);
  if (!isUtf8(bytes.subarray(start, record.contentEnd))) {
    throw new UserError(
      'unreadable-data',
      `The first line of ${file} is not UTF-8 text. Save the file as UTF-8, or set the input 'format' if it is no CSV.`,
    );
  }
  refuseTooWide(file, record.fields);
  const names = recordFields(bytes, { ...record, start }, dialect);
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice === undefined && record.quoting === 'fine') return names;
  throw new UserError(
    'unreadable-data',
    twice === undefined
      ? `The header of ${file} has a quote that is not closed or is followed by text. Correct the first line.`
      : `The header of ${file} names the column '${twice}' twice. Rename one of them.`,
  );
}

function skipBom(bytes: Buffer, record: CsvRecord, line: number): number {
  return line === 1 && bytes.subarray(record.start, record.start + 3).equals(BOM)
    ? record.start + 3
    : record.start;
}

function problemOf(bytes: Buffer, record: CsvRecord, columns: number): string | undefined {
  if (record.quoting === 'never-closed') return 'opens a quote that is never closed';
  if (record.quoting === 'text-after-quote') return 'has text behind a closing quote';
  if (record.fields !== columns) return `has ${record.fields} fields, the header has ${columns}`;
  return isUtf8(bytes.subarray(record.start, record.contentEnd)) ? undefined : 'is not UTF-8 text';
}

function emptyFile(file: string): UserError {
  return new UserError(
    'unreadable-data',
    `${file} is empty or its first line is. A CSV file needs a header with the column names.`,
  );
}

export function longRecord(file: string): UserError {
  return new UserError(
    'unreadable-data',
    `${file} has a record longer than ${MAX_RECORD_BYTES} bytes. A quote that is never closed or lines that do not end do this; correct it, or use Parquet for values this long.`,
  );
}
