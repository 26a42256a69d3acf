import { randomUUID } from 'node:crypto';
import { lstat, readdir, rename, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { errorCode } from '../../action/errors.ts';

/** How long nothing is written in a folder before whoever began it is dead, in ms. */
const SILENCE_MS = 24 * 3_600_000;
const TEMPORARY = /^\.[0-9a-f]{64}\.[0-9a-f]{8}-[0-9a-f-]{27}$/;
const DEAD = /^\.dead\.[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** A name beside an entry under which it is written before it has its own. */
export function temporaryBeside(entry: string): string {
  return path.join(path.dirname(entry), `.${path.basename(entry)}.${randomUUID()}`);
}

/**
 * Removes what puts left that were killed long ago. A disk may be shared, so nobody's process can be asked: what counts
 * is that nothing was written for a day by the clock of the disk itself. A leftover is renamed before it is removed, so
 * that a writer who lives after all fails, rather than putting a folder in place that is being emptied.
 */
export async function sweepLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (!names.some((name) => TEMPORARY.test(name) || DEAD.test(name))) return;
  const now = await clockOf(folder);
  for (const name of names) {
    const leftover = path.join(folder, name);
    if (DEAD.test(name)) await remove(leftover);
    else if (TEMPORARY.test(name) && now - (await lastWritten(leftover)) > SILENCE_MS) await bury(leftover);
  }
}

async function bury(leftover: string): Promise<void> {
  const grave = path.join(path.dirname(leftover), `.dead.${randomUUID()}`);
  const mine = await unlessGone(() => rename(leftover, grave).then(() => true));
  if (mine === true) await remove(grave);
}

const remove = (leftover: string): Promise<void> =>
  rm(leftover, { recursive: true, force: true, maxRetries: 3 });

/** The clock that the disk dates files with, in ms since 1970; on a network it is the server's. */
async function clockOf(folder: string): Promise<number> {
  const probe = path.join(folder, `.dead.${randomUUID()}`);
  await writeFile(probe, '', { flag: 'wx' });
  try {
    return (await lstat(probe)).mtimeMs;
  } finally {
    await rm(probe, { force: true });
  }
}

/** When something in a folder was written last, in ms since 1970; Infinity for what is gone meanwhile. */
async function lastWritten(file: string): Promise<number> {
  const info = await unlessGone(() => lstat(file));
  if (info === undefined) return Infinity;
  if (!info.isDirectory()) return info.mtimeMs;
  let last = info.mtimeMs;
  for (const name of (await unlessGone(() => readdir(file))) ?? [])
    last = Math.max(last, await lastWritten(path.join(file, name)));
  return last;
}

/** Others sweep as well, and a writer ends. */
async function unlessGone<T>(body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
