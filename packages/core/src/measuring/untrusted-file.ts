import { lstat, realpath } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, isUserError } from '../action/errors.ts';
import { insideWorkspace, type GivenPath } from '../action/paths.ts';
import type { ReadLimits } from '../data/table-limits.ts';

const MEBIBYTE = 2 ** 20;
/** A file of predictions that a fork's run left. */
const MOST_BYTES = 256 * MEBIBYTE;
/** What it may unfold to: two million rows of ten columns. */
export const UNTRUSTED_LIMITS: ReadLimits = { values: 20_000_000, textBytes: 512 * MEBIBYTE };
/** What the engine may take while it looks. */
export const UNTRUSTED_MEMORY = '2GB';

/** Packed text unfolds without bound while it is read; the artifact is packed anyway. */
const PLAIN = /\.(parquet|pq|csv|tsv|jsonl|ndjson)$/i;

/**
 * Proves that a file which a fork's run left is a plain one of bounded size, in the place that was named and not behind a
 * link to another. Throws `missing-file`, `bad-input` or `unreadable-data`.
 */
export async function refuseUnsafeFile(workspace: string, { what, given, base }: GivenPath): Promise<void> {
  const file = await insideWorkspace(workspace, base, given, { what, kind: 'file' }).catch(
    (error: unknown) => {
      if (!isUserError(error) || error.reasonCode !== 'missing-file') throw error;
      throw new UserError(
        'missing-file',
        `${what} is '${given}', but the fork's run left no such file: it ended before it evaluated its model, or its workflow uploads other names. Its own log says why.`,
      );
    },
  );
  const expected = path.join(await realpath(base), path.relative(base, file));
  if ((await realpath(file)) !== expected) {
    throw new UserError(
      'bad-input',
      `${what} is '${given}', which is or lies behind a symbolic link. What a fork's run left may hold files only.`,
    );
  }
  if (!PLAIN.test(given)) {
    throw new UserError(
      'bad-input',
      `${what} is '${given}'. From a fork only .parquet, .csv, .tsv, .jsonl and .ndjson files are read, none of them packed with gzip: the artifact is packed anyway.`,
    );
  }
  const { size } = await lstat(file);
  if (size <= MOST_BYTES) return;
  throw new UserError(
    'unreadable-data',
    `${what} has ${size} bytes; from a fork at most ${MOST_BYTES} (256 MiB) are read. Write fewer columns, or Parquet.`,
  );
}
