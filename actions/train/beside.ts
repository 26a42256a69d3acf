import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { errorCode } from '@sluice/core/action/errors.ts';
import { isInside, nameWithin } from '@sluice/core/action/paths.ts';
import { outputPaths, type TrainContext, type TrainSettings } from './inputs.ts';

/** The state of files by their path relative to the project's folder, with `/`. */
export type FileStates = ReadonlyMap<string, string>;

/**
 * The files that lie in the folders of the outputs and belong to none of them. A command that writes one of these, such as a
 * split that the evaluation reads, has a result that the outputs alone do not hold. The project's own folder is not searched:
 * everything lies there. Hidden files and what Python compiles are left out.
 */
export async function filesBeside(
  { base, outputs }: Pick<TrainSettings, 'base' | 'outputs'>,
  { directory }: Pick<TrainContext, 'directory'>,
): Promise<FileStates> {
  const written = outputPaths(outputs).map(({ absolute }) => absolute);
  const folders = new Set(written.map((output) => path.dirname(output)));
  const own = [...folders].filter(
    (folder) => isInside(folder, base) && folder !== base && !isInside(directory, folder),
  );
  const states = new Map<string, string>();
  for (const folder of own) {
    await visit(folder, async (file) => {
      if (written.some((output) => isInside(file, output))) return;
      states.set(nameWithin(base, file), await stateOf(file));
    });
  }
  return states;
}

/** The files that are new, or are not as they were, sorted. */
export function writtenBeside(before: FileStates, after: FileStates): string[] {
  return [...after.keys()].filter((file) => after.get(file) !== before.get(file)).sort();
}

async function visit(folder: string, take: (file: string) => Promise<void>): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith('.') || entry.name === '__pycache__') continue;
    const absolute = path.join(folder, entry.name);
    if (entry.isDirectory()) await visit(absolute, take);
    else await take(absolute);
  }
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function stateOf(file: string): Promise<string> {
  const { ino, size, mtimeNs } = await lstat(file, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
