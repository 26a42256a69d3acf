import * as z from 'zod/mini';
import { errorMessage, type UserError } from '../../action/errors.ts';
import type { FileDigest } from '../../digest/files.ts';
import { damaged, requireDescribed, storedFilesSchema } from '../description.ts';

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const size = z.int().check(z.nonnegative());

/** Bytes in an asset. Without bytes there is no asset, because GitHub takes no empty one. */
const heldSchema = z.object({ asset: z.optional(z.int()), bytes: size, sha256 });
export type Held = z.infer<typeof heldSchema>;

const entrySchema = z
  .object({
    kind: z.enum(['file', 'folder']),
    files: storedFilesSchema,
    /** The files lie in these one after the other, in their order. */
    packs: z.array(z.extend(heldSchema, { files: size })),
    companions: z.record(z.string(), heldSchema),
  })
  .check(z.refine(({ files, packs }) => fits(files, packs), 'its packs do not hold its files'));

/** What `entry.json` of a release says. */
export type Entry = z.infer<typeof entrySchema>;

const REMEDY = 'Delete that release with its tag, and register the model again.';

function fits(files: readonly FileDigest[], packs: readonly (Held & { readonly files: number })[]): boolean {
  let at = 0;
  for (const pack of packs) {
    const held = files.slice(at, at + pack.files);
    if (pack.bytes !== held.reduce((sum, file) => sum + file.bytes, 0)) return false;
    if ((pack.asset === undefined) !== (pack.bytes === 0)) return false;
    at += pack.files;
  }
  return at === files.length;
}

/** Reads the text of the entry of the model with this digest. Throws `evidence-mismatch`. */
export function parseEntry(text: string, digest: string, where: string): Entry {
  let entry: Entry;
  try {
    entry = z.parse(entrySchema, JSON.parse(text));
  } catch (error) {
    throw damagedEntry(where, errorMessage(error), error);
  }
  requireDescribed(entry, digest, where, REMEDY);
  return entry;
}

/** An entry that cannot be used. */
export function damagedEntry(where: string, why: string, cause?: unknown): UserError {
  return damaged(where, why, REMEDY, cause);
}
