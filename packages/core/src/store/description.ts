import * as path from 'node:path';
import * as z from 'zod/mini';
import { LIMITS } from '../action/limits.ts';
import { UserError, errorMessage } from '../action/errors.ts';
import type { FileDigest } from '../digest/files.ts';
import { modelDigestOf } from '../digest/model.ts';

/** Name of the folder in an entry that holds the model. */
export const MODEL = 'model';
/** Name of the folder in an entry for what lies beside the model, each under its digest. */
export const COMPANIONS = 'companions';
/** Name of the file in an entry that describes it. */
export const DESCRIPTION = 'entry.json';
/** More than a million files need; a larger description is none of ours. */
export const LARGEST_DESCRIPTION = 512 << 20;
/** The most that something beside a model may have, in bytes: of anything longer nothing would be read. */
export function largestCompanion(name: string): number {
  return name.startsWith('predictions.') ? LIMITS.predictions.textBytes : LIMITS.records.bytes;
}

/** Throws `evidence-mismatch` for something beside a model that is longer than it may be, before it is fetched. */
export function requireCompanionSize(name: string, bytes: number, where: string): void {
  const most = largestCompanion(name);
  if (bytes <= most) return;
  throw new UserError(
    'evidence-mismatch',
    `${where} was changed: it has ${bytes} bytes, and ${name} has ${most} at most. Restore what was stored, or register the model again.`,
    { decision: 'fail' },
  );
}

/** Files of a stored model, none of which leads out of it. */
export const storedFilesSchema = z
  .array(
    z.object({
      path: z.string().check(z.refine(isInside, 'is no name of a file inside a model')),
      bytes: z.int().check(z.nonnegative()),
      sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    }),
  )
  .check(
    z.minLength(1),
    z.refine(
      (files) => new Set(files.map((file) => file.path)).size === files.length,
      'a file is there twice',
    ),
  );

const descriptionSchema = z.object({ kind: z.enum(['file', 'folder']), files: storedFilesSchema });

/** What `entry.json` says about the model beside it: what it was, and which file to blame for a wrong digest. */
export type Description = z.infer<typeof descriptionSchema>;

/** The text of `entry.json`. */
export function formatDescription(description: Description): string {
  return `${JSON.stringify(description, null, 2)}\n`;
}

/**
 * Reads the text of an `entry.json`, no file of which leads out of the model. Throws `evidence-mismatch`; `where` is
 * what messages call the file, `remedy` what to do about a damaged one.
 */
export function parseDescription(text: string, where: string, remedy: string): Description {
  try {
    return z.parse(descriptionSchema, JSON.parse(text));
  } catch (error) {
    throw damaged(where, errorMessage(error), remedy, error);
  }
}

/** Throws `evidence-mismatch` when a description is of another model than the one that is kept under the digest. */
export function requireDescribed(
  { kind, files }: Pick<Description, 'kind'> & { readonly files: readonly FileDigest[] },
  digest: string,
  where: string,
  remedy: string,
): void {
  const described = modelDigestOf(kind, files);
  if (described !== digest)
    throw damaged(where, `it describes sha256:${described}, not sha256:${digest}`, remedy);
}

/** A description that cannot be used. */
export function damaged(where: string, why: string, remedy: string, cause?: unknown): UserError {
  const words = why.replace(/\s+/g, ' ').slice(0, 300);
  return new UserError('evidence-mismatch', `${where} is damaged: ${words}. ${remedy}`, {
    ...(cause === undefined ? {} : { cause }),
    decision: 'fail',
  });
}

/** A name that somebody else wrote must not lead out of the folder it is used in. */
function isInside(name: string): boolean {
  const outside = path.isAbsolute(name) || name === '..' || name.startsWith('../');
  const plain = name !== '' && name !== '.' && path.posix.normalize(name) === name && !name.endsWith('/');
  // Elsewhere than on Windows a backslash is a character like any other.
  return !outside && plain && !name.includes('\0') && !(path.sep === '\\' && name.includes('\\'));
}

/** Returns the name of something that lies directly in an entry and is not the model. Throws for any other. */
export function companionName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && ![MODEL, DESCRIPTION, COMPANIONS].includes(name))
    return name;
  throw new Error(`'${name}' cannot be the name of a file beside a model`);
}

/** Returns a model digest. Throws RangeError for what is none. */
export function modelDigestHex(digest: string): string {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new RangeError(`'${digest}' is not a sha256 in hex`);
  return digest;
}
