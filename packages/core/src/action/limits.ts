import { open } from 'node:fs/promises';
import { UserError } from './errors.ts';
import { gather } from './gather.ts';

const MEBIBYTE = 2 ** 20;

/** How large a text may be that is read as a whole. */
export interface TextLimit {
  readonly bytes: number;
  /** A quoted text of many lines takes the square of their number to read. */
  readonly lines: number;
}

/** How large what a step reads may be, whoever wrote it. A message about what is larger names the limit. */
export const LIMITS = {
  /** What people write: sluice.yaml, contracts, inputs. */
  settings: { bytes: MEBIBYTE, lines: 50_000 },
  /** Metrics files and parameters. */
  metrics: { bytes: 4 * MEBIBYTE, lines: 100_000 },
  /** What programs write for programs: lock files, profiles. */
  records: { bytes: 64 * MEBIBYTE, lines: 2_000_000 },
  /** A file of data in the history of the repository. */
  committed: 256 * MEBIBYTE,
  /** Lists of the files of a folder of DVC's: a million of them. */
  listings: { bytes: 256 * MEBIBYTE, lines: 10_000_000 },
  /** Columns of a data set. */
  columns: 20_000,
  /** A packed file may unfold to this many bytes, or to `times` its own size where that is more. */
  unfolded: { bytes: 256 * MEBIBYTE, times: 200 },
  /** A Parquet file may hold this many values, or `perByte` for each of its bytes where that is more. */
  values: { most: 1_000_000_000, perByte: 100 },
  /** Predictions, which are compared in memory: rows times columns, and bytes of all values as text. */
  predictions: { values: 200_000_000, textBytes: 4096 * MEBIBYTE },
} as const;

/** A file of text to be read as a whole. */
export interface BoundedFile {
  /** The file as messages show it. */
  readonly name: string;
  readonly reason: 'bad-config' | 'bad-input';
  readonly limit: TextLimit;
}

/**
 * Reads a file of text as a whole. Throws `reason` for one that is larger than `limit`, before it is read, and for one that
 * turns out to be while it is.
 */
export async function readBounded(file: string, { name, reason, limit }: BoundedFile): Promise<Buffer> {
  const handle = await open(file);
  try {
    const refuse = (size: number): never => {
      throw new UserError(reason, `${name} ${tooLong(size, limit)}`);
    };
    const { size } = await handle.stat();
    if (size > limit.bytes) refuse(size);
    const most = limit.bytes;
    const stream = handle.createReadStream({ end: most, autoClose: false }) as AsyncIterable<Buffer>;
    return (await gather(stream, most)) ?? refuse(most + 1);
  } finally {
    await handle.close();
  }
}

/** `readBounded`, as text. */
export async function readBoundedText(file: string, source: BoundedFile): Promise<string> {
  return (await readBounded(file, source)).toString('utf8');
}

/** What is wrong with the size of a text; undefined where nothing is. */
export function sizeProblem(text: string, limit: TextLimit): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > limit.bytes) return tooLong(bytes, limit);
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines > limit.lines ? `has ${lines} lines; at most ${limit.lines} are read. Shorten it.` : undefined;
}

function tooLong(bytes: number, limit: TextLimit): string {
  return `has ${bytes} bytes; at most ${limit.bytes} (${limit.bytes / MEBIBYTE} MiB) are read. Shorten it.`;
}
