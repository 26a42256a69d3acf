import { lstat, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { errorCode } from './errors.ts';
import { makeScratch, removeScratch } from './scratch.ts';

/** Variables that name the files by which a step speaks to the runner. */
const NAMES = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'] as const;

/** Files for a command to write into instead of the step's own, and the step's own as they were before it. */
export interface CommandFiles {
  /** The command's own: the runner never reads them. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Removes the command's files and puts the step's back as they were, for a command can find those too. Returns the
   * variables of those that it had changed.
   */
  close(): Promise<string[]>;
}

/** Makes the command's files in a folder of its own and remembers what is in the step's. */
export async function openCommandFiles(env: Readonly<NodeJS.ProcessEnv>): Promise<CommandFiles> {
  const folder = await makeScratch(env, 'command');
  const own = Object.fromEntries(NAMES.map((name) => [name, path.join(folder, name.toLowerCase())]));
  for (const file of Object.values(own)) await writeFile(file, '');
  const kept = await Promise.all(
    NAMES.flatMap((name) => {
      const file = env[name];
      return file ? [keep(name, file)] : [];
    }),
  );
  return {
    env: own,
    close: async () => {
      await removeScratch(folder);
      const changed: string[] = [];
      for (const one of kept) if (await putBack(one)) changed.push(one.name);
      return changed;
    },
  };
}

interface Kept {
  readonly name: string;
  readonly file: string;
  /** Absent when there was no such file. */
  readonly bytes: Buffer | undefined;
}

async function keep(name: string, file: string): Promise<Kept> {
  try {
    return { name, file, bytes: await readFile(file) };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return { name, file, bytes: undefined };
  }
}

/** Returns whether the file was another than before. */
async function putBack({ file, bytes }: Kept): Promise<boolean> {
  if (await isAsBefore(file, bytes)) return false;
  // A link may stand there now; what is written after the command must not go where it leads.
  await rm(file, { recursive: true, force: true });
  if (bytes !== undefined) await writeFile(file, bytes, { flag: 'wx' });
  return true;
}

async function isAsBefore(file: string, bytes: Buffer | undefined): Promise<boolean> {
  try {
    const found = await lstat(file);
    return (
      bytes !== undefined &&
      found.isFile() &&
      found.size === bytes.length &&
      bytes.equals(await readFile(file))
    );
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return bytes === undefined;
  }
}
