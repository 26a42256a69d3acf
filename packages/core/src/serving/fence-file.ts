import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { errorCode } from '../action/errors.ts';
import { namesIn } from './names-in.ts';
import { FencedError, type Fence } from './target.ts';

/*
 * The fence of a target that has a folder: `<root>/.fences/<number>` holds the random id of the run with that number. A file
 * appears whole or not at all, once; the highest number counts.
 */

const FOLDER = '.fences';

/** The highest fence in a folder; 0 when there is none. */
export async function readFence(root: string): Promise<number> {
  return Math.max(0, ...(await numbersIn(root)));
}

/** Throws FencedError when a later owner was here, or another one with this number. */
export async function requireFence(root: string, fence: Fence): Promise<void> {
  const seen = await readFence(root);
  if (seen > fence.number) throw new FencedError(seen, fence);
  if (seen === fence.number && (await ownerOf(root, seen)) !== fence.owner)
    throw new FencedError(seen, fence);
}

/** Lets nobody with a lower fence pass `requireFence` from now on. Throws FencedError. */
export async function raiseFence(root: string, fence: Fence): Promise<void> {
  await requireFence(root, fence);
  const folder = path.join(root, FOLDER);
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `${fence.number}-${randomUUID()}`);
  await writeFile(temporary, fence.owner);
  try {
    await link(temporary, path.join(folder, String(fence.number)));
  } catch (error) {
    // Without the file a later owner swept it, whom the next line finds.
    if (!['EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await requireFence(root, fence);
  await sweep(folder, fence.number);
}

/** Removes what earlier owners left, so that the folder does not grow. */
async function sweep(folder: string, number: number): Promise<void> {
  const names = await namesIn(folder);
  for (const name of names.filter((one) => Number.parseInt(one, 10) < number))
    await rm(path.join(folder, name), { force: true });
}

async function ownerOf(root: string, number: number): Promise<string | undefined> {
  try {
    return await readFile(path.join(root, FOLDER, String(number)), 'utf8');
  } catch (error) {
    // A later owner removed it.
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function numbersIn(root: string): Promise<number[]> {
  const names = await namesIn(path.join(root, FOLDER));
  return names.filter((name) => /^[1-9][0-9]{0,14}$/.test(name)).map(Number);
}
