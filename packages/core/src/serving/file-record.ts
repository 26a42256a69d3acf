import { lstat, readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { errorCode, isAccessRefused } from '../action/errors.ts';
import { parseJson } from '../action/json.ts';
import { listModel } from '../digest/model.ts';
import { UnusableModelError } from '../digest/unusable.ts';

/*
 * What the file system said of a model's files when their digest was found right. A file whose bytes change gets another time
 * of change, which nobody can set; so where all is as it was, the digest is, and need not be computed to be gone back to.
 */

const record = z.object({
  'model-digest': z.string(),
  /** Of each file: size, times of change of its bytes and of its entry in ns, entry and device. */
  files: z.record(z.string(), z.string()),
});

type Files = z.infer<typeof record>['files'];

/** Two changes within one tick of a file system's clock cannot be told apart: of a clock of whole seconds, and of any other. */
const TICKS_NS = { whole: 2_000_000_000n, parts: 100_000_000n };

/** A look at the files, to be written down when they have been digested. */
export async function lookAtFiles(folder: string): Promise<Files> {
  return Object.fromEntries((await stats(folder)).map(({ name, key }) => [name, key]));
}

/** Writes down that the files had this digest, unless one has changed since they were looked at. Call it while the lock is held. */
export async function recordFiles(
  file: string,
  folder: string,
  modelDigest: string,
  before: Files,
): Promise<void> {
  if (!areSame(before, await lookAtFiles(folder))) return;
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, JSON.stringify({ 'model-digest': modelDigest, files: before }));
    await rename(temporary, file);
  } catch (error) {
    // A release of another user's: it is digested whenever it is gone back to.
    if (!isAccessRefused(error)) throw error;
  }
}

/** Whether the files are those that had this digest; false also where that cannot be told. */
export async function areRecorded(file: string, folder: string, modelDigest: string): Promise<boolean> {
  try {
    const [text, { mtimeNs }] = await Promise.all([readFile(file, 'utf8'), lstat(file, { bigint: true })]);
    const found = record.safeParse(parseJson(text));
    if (!found.success || found.data['model-digest'] !== modelDigest) return false;
    const now = await stats(folder);
    const tick = mtimeNs % 1_000_000_000n === 0n ? TICKS_NS.whole : TICKS_NS.parts;
    const settled = now.every(({ changed }) => changed + tick < mtimeNs);
    return settled && areSame(found.data.files, Object.fromEntries(now.map(({ name, key }) => [name, key])));
  } catch (error) {
    if (errorCode(error) === undefined && !(error instanceof UnusableModelError)) throw error;
    return false;
  }
}

async function stats(folder: string): Promise<{ name: string; key: string; changed: bigint }[]> {
  const { base, paths } = await listModel(folder);
  return Promise.all(
    paths.map(async (name) => {
      const { size, mtimeNs, ctimeNs, ino, dev } = await lstat(path.join(base, name), { bigint: true });
      return { name, key: [size, mtimeNs, ctimeNs, ino, dev].join(' '), changed: ctimeNs };
    }),
  );
}

function areSame(a: Files, b: Files): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
