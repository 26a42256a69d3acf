import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { MAX_RECORD_BYTES, longRecord } from './csv.ts';
import { isGzip } from './format.ts';
import { refuseTooWide } from './read-limits.ts';
import { ScanBuilder, textChunks, type TextScan } from './text-scan.ts';
import { parseJson } from '../action/json.ts';

/** A JSON Lines file whose lines have been parsed once. */
export interface JsonlFile {
  /** Keys of all objects, in order of appearance. */
  readonly keys: readonly string[];
  readonly scan: TextScan;
  readonly needsCopy: boolean;
}

/** Checks that every line is one JSON object. Empty lines are not rows. `NaN` is not JSON and makes its line bad. */
export async function scanJsonl(file: string): Promise<JsonlFile> {
  const builder = new ScanBuilder();
  const keys = new Set<string>();
  let needsCopy = isGzip(file);
  await eachLine(file, (bytes, line) => {
    const text = bytes.toString('utf8');
    if (text.trim() === '') {
      needsCopy = true;
      return;
    }
    const problem = isUtf8(bytes) ? readObject(text, keys) : 'is not UTF-8 text';
    refuseTooWide(file, keys.size);
    if (problem !== undefined) needsCopy = true;
    builder.add(line, problem);
  });
  return { keys: [...keys], scan: builder.finish(), needsCopy };
}

/** Writes the usable lines of a scanned file. */
export async function copyJsonl(file: string, jsonl: JsonlFile, destination: string): Promise<void> {
  const out = createWriteStream(destination);
  const bad = new Set(jsonl.scan.bad.map((b) => b.line));
  await eachLine(
    file,
    (bytes, line) => {
      if (!bad.has(line) && bytes.toString('latin1').trim() !== '')
        out.write(Buffer.concat([bytes, LINE_END]));
    },
    out,
  );
  out.end();
  await finished(out);
}

const LINE_END = Buffer.from('\n');

async function eachLine(
  file: string,
  use: (bytes: Buffer, line: number) => void,
  out?: WriteStream,
): Promise<void> {
  let held: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const chunk of textChunks(file)) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let at = 0;
    for (let end = held.indexOf(10, at); end !== -1; end = held.indexOf(10, at)) {
      use(held.subarray(at, end), ++line);
      at = end + 1;
    }
    held = held.subarray(at);
    if (held.length > MAX_RECORD_BYTES) throw longRecord(file);
    if (out?.writableNeedDrain) await once(out, 'drain');
  }
  if (held.length > 0) use(held, line + 1);
}

/** Says why a line is no row; never with the parser's own message, which quotes the line and so may show a cell. */
function readObject(text: string, keys: Set<string>): string | undefined {
  const value = parseJson(text);
  if (value === undefined) {
    return /\b(NaN|Infinity)\b/.test(text)
      ? 'is not JSON (NaN and Infinity are not; write null)'
      : 'is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not a JSON object';
  for (const key of Object.keys(value)) keys.add(key);
  return undefined;
}
