import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import { parseJson } from '../action/json.ts';
import { compareCodePoints } from '../digest/files.ts';

/** A file of a folder: path relative to it with `/`, md5 in hex. */
export interface TreeEntry {
  readonly path: string;
  readonly md5: string;
}

/**
 * The bytes of a `.dir` object: what Python's `json.dumps(list, sort_keys=True)` makes of the files in code-point order
 * (dvc_data/hashfile/tree.py). Its md5 with `.dir` behind it is the folder's digest.
 */
export function treeBytes(entries: readonly TreeEntry[]): string {
  const items = [...entries]
    .sort((a, b) => compareCodePoints(a.path, b.path))
    .map(({ path, md5 }) => `{"md5": ${pythonString(md5)}, "relpath": ${pythonString(path)}}`);
  return `[${items.join(', ')}]`;
}

/** The digest of a folder, `<md5>.dir`. */
export function treeDigest(entries: readonly TreeEntry[]): string {
  return `${createHash('md5').update(treeBytes(entries)).digest('hex')}.dir`;
}

/** Python writes everything beyond printable ASCII as `\uXXXX`, pairs of surrogates for what lies above U+FFFF. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const schema = z.array(
  z.looseObject({ relpath: z.string(), md5: z.string().check(z.regex(/^[0-9a-f]{32}$/)) }),
);

/** Reads a `.dir` object. Paths that would leave the folder are refused. Throws UserError `bad-config`. */
export function parseTree(text: string, name: string): TreeEntry[] {
  const parsed = schema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new UserError(
      'bad-config',
      `${name} is no list of files as DVC writes them. Push the folder again.`,
    );
  }
  return parsed.data.map(({ relpath, md5 }) => {
    if (isBelow(relpath)) return { path: relpath, md5 };
    throw new UserError('bad-config', `${name} lists '${relpath}', which is no path below the folder.`);
  });
}

/** Whether a path with `/` stays below the folder it is relative to. */
export function isBelow(relative: string): boolean {
  const parts = relative.split('/');
  return !relative.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}
