import * as z from 'zod/mini';
import { errorMessage } from '../../action/errors.ts';
import type { FileDigest } from '../../digest/files.ts';
import { companionName, damaged, parseDescription, type Description } from '../description.ts';

/** What S3 calls an object's content. */
const stampFields = {
  etag: z.string(),
  /** Absent where the bucket has no versioning. */
  'version-id': z.optional(z.string()),
};

const entrySchema = z.object({
  files: z.array(z.object(stampFields)),
  companions: z.array(
    z.object({
      name: z.string(),
      bytes: z.int().check(z.nonnegative()),
      sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
      ...stampFields,
    }),
  ),
});

/** The content of an object, as S3 tells it apart. */
export interface Stamp {
  readonly etag: string;
  readonly 'version-id'?: string | undefined;
}

/** A file of a stored model, and which object it is. */
export type StoredFile = FileDigest & Stamp;

/** Something that lies beside a stored model. */
export type StoredCompanion = Omit<FileDigest, 'path'> & Stamp & { readonly name: string };

/** What `entry.json` in S3 says: as in a folder, and in which version each object was written. */
export interface S3Entry {
  readonly kind: Description['kind'];
  readonly files: readonly StoredFile[];
  readonly companions: readonly StoredCompanion[];
}

/** The text of `entry.json`. */
export function formatEntry({ kind, files, companions }: S3Entry): string {
  return `${JSON.stringify({ kind, files, companions }, null, 2)}\n`;
}

/** Reads the text of an `entry.json`. Throws `evidence-mismatch` like `parseDescription`. */
export function parseEntry(text: string, where: string, remedy: string): S3Entry {
  const { kind, files } = parseDescription(text, where, remedy);
  try {
    const stamps = z.parse(entrySchema, JSON.parse(text));
    for (const { name } of stamps.companions) companionName(name);
    return {
      kind,
      files: files.map((file, index) => ({ ...file, ...(stamps.files[index] as Stamp) })),
      companions: stamps.companions,
    };
  } catch (error) {
    throw damaged(where, errorMessage(error), remedy, error);
  }
}
