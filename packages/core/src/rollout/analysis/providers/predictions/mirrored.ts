import { open, type FileHandle } from 'node:fs/promises';
import * as z from 'zod/mini';
import { errorCode } from '../../../../action/errors.ts';
import { gather } from '../../../../action/gather.ts';
import { parseJson } from '../../../../action/json.ts';
import type { Arms } from '../kind.ts';
import type { Pair } from './pairs.ts';

/** A mirror that writes more in a window is written about instead of read. */
const MOST_BYTES = 64 * 1024 * 1024;

const answered = z.object({ version: z.string(), answer: z.unknown() });
const mirroredLine = z.object({
  id: z.optional(z.union([z.string(), z.number()])),
  input: z.unknown(),
  candidate: answered,
  stable: answered,
});

/** A file that a mirror appends to. */
export interface MirrorFile {
  /** From here on lines count; those that are there already are of another time. */
  begin(): Promise<void>;
  /** The whole lines since the last time; a sentence where there are none to be had. */
  lines(): Promise<readonly string[] | string>;
}

/** Follows a file, named `shown` in messages. One that gets shorter was begun anew. */
export function followFile(file: string, shown: string): MirrorFile {
  let from: number | undefined;
  return {
    async begin() {
      from ??= (await withFile(file, async (handle) => (await handle.stat()).size)) ?? 0;
    },
    async lines() {
      const read = await withFile(file, async (handle) => {
        const { size } = await handle.stat();
        const start = from === undefined || size < from ? 0 : from;
        const bytes = await gather(handle.createReadStream({ start, autoClose: false }), MOST_BYTES);
        from = bytes === undefined ? size : start + bytes.lastIndexOf('\n') + 1;
        return (
          bytes
            ?.subarray(0, bytes.lastIndexOf('\n') + 1)
            .toString('utf8')
            .split('\n') ?? tooMuch(shown)
        );
      });
      return read ?? `${shown} is not there: nothing was mirrored yet.`;
    },
  };
}

function tooMuch(shown: string): string {
  return `${shown} got more than ${MOST_BYTES} bytes in one window, which were not read. Let the mirror copy fewer requests.`;
}

/** Does something with an open file; undefined where there is none. */
async function withFile<T>(file: string, body: (handle: FileHandle) => Promise<T>): Promise<T | undefined> {
  const handle = await open(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  try {
    return handle === undefined ? undefined : await body(handle);
  } finally {
    await handle?.close();
  }
}

/** What lines of a mirror say about the versions of a window; lines about others are of another rollout. */
export function pairsIn(
  lines: readonly string[],
  { candidate, stable }: Arms,
): { readonly pairs: readonly Pair[]; /** The first line that is none. */ readonly bad?: string } {
  const pairs: Pair[] = [];
  for (const text of lines.filter((line) => line.trim() !== '')) {
    const parsed = mirroredLine.safeParse(parseJson(text));
    if (!parsed.success) return { pairs, bad: text.slice(0, 200) };
    const { id, input, ...arms } = parsed.data;
    if (arms.candidate.version !== candidate.version || arms.stable.version !== stable?.version) continue;
    pairs.push({
      ...(id === undefined ? {} : { id: String(id) }),
      input,
      candidate: arms.candidate.answer,
      stable: arms.stable.answer,
    });
  }
  return { pairs };
}
