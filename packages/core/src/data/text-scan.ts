import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { isGzip } from './format.ts';
import { refuseUnfolded } from './read-limits.ts';

/** A line (or quoted group of lines) of a text file that is no record; it is left out and reported. */
export interface BadRecord {
  /** 1-based line it starts on. */
  readonly line: number;
  /** 1-based position among all records of the file, the header not counted. */
  readonly row: number;
  readonly problem: string;
}

/** What reading a text file record by record found. */
export interface TextScan {
  /** Records that can be used. */
  readonly records: number;
  readonly bad: readonly BadRecord[];
  /** 1-based data row of the n-th (0-based) usable record: bad ones in between count. */
  readonly rowOf: (record: number) => number;
  /** 1-based line on which a data row starts. */
  readonly lineOf: (row: number) => number;
}

/** Collects, in file order, which rows are bad and where the lines stop following the rows. */
export class ScanBuilder {
  private rows = 0;
  private readonly bad: BadRecord[] = [];
  /** Rows from which on the line is row + shift. */
  private readonly shifts: { row: number; shift: number }[] = [];

  add(line: number, problem: string | undefined): void {
    this.rows += 1;
    const shift = line - this.rows;
    if (shift !== (this.shifts.at(-1)?.shift ?? 0)) this.shifts.push({ row: this.rows, shift });
    if (problem !== undefined) this.bad.push({ line, row: this.rows, problem });
  }

  finish(): TextScan {
    const { bad, shifts, rows } = this;
    return {
      records: rows - bad.length,
      bad,
      // The k-th bad row pushes every record behind it by one.
      rowOf: (record) => record + 1 + countWhile(bad, (b, k) => b.row - k <= record + 1),
      lineOf: (row) => row + (shifts[countWhile(shifts, (s) => s.row <= row) - 1]?.shift ?? 0),
    };
  }
}

/** How many leading items fulfil a condition that holds for a prefix only (binary search). */
function countWhile<T>(items: readonly T[], holds: (item: T, index: number) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as T, middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The bytes of a text file, unpacked when its name ends in `.gz`, which has a limit. */
export async function* textChunks(file: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(file, { highWaterMark: 1 << 22 });
  if (!isGzip(file)) {
    yield* raw as AsyncIterable<Buffer>;
    return;
  }
  const unpacked = createGunzip({ chunkSize: 1 << 22 });
  raw.once('error', (error) => unpacked.destroy(error));
  const { size } = await stat(file);
  let bytes = 0;
  for await (const chunk of raw.pipe(unpacked) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    refuseUnfolded(file, size, bytes);
    yield chunk;
  }
}
