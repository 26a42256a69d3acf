import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { LIMITS, readBoundedText } from '../action/limits.ts';
import { nameWithin } from '../action/paths.ts';
import { glob } from 'tinyglobby';
import { errorCode } from '../action/errors.ts';
import { parseDvcFile } from './dvc-file.ts';
import type { Entry } from './entry.ts';
import { parseLock } from './lock-file.ts';
import { definitionOf, parsePipeline } from './pipeline-file.ts';
import type { DvcProject } from './project.ts';

/** A file or folder of the checkout whose digest DVC recorded. */
export interface Tracked {
  readonly entry: Entry;
  /** Where it is, or would be. */
  readonly absolute: string;
  /** The `.dvc` file or dvc.lock that says so: absolute, and relative to the project with `/`. */
  readonly recorded: { readonly file: string; readonly name: string };
  /** The stage that writes it, or where it was imported from. */
  readonly origin:
    { readonly kind: 'stage'; readonly stage: string } | { readonly kind: 'file'; readonly imported?: Entry };
}

/**
 * What DVC tracks at, in or around a path: by a `.dvc` file or a dvc.lock in its folder or one above, up to the project's
 * root. Throws UserError `bad-config` for such a file that cannot be read.
 */
export async function findTracked(project: DvcProject, absolute: string): Promise<Tracked[]> {
  const found: Tracked[] = [];
  for (let folder = absolute; ; folder = path.dirname(folder)) {
    found.push(...(await trackedIn(project, folder)));
    if (folder === project.root || path.dirname(folder) === folder) break;
  }
  const around = found.filter((one) => overlaps(one.absolute, absolute));
  // DVC tracks nothing inside of what it tracks, and a folder of data may be large.
  if (around.some((one) => isAt(absolute, one.absolute))) return around;
  const below = await Promise.all((await foldersBelow(absolute)).map((folder) => trackedIn(project, folder)));
  return [...around, ...below.flat().filter((one) => overlaps(one.absolute, absolute))];
}

/** The folders below a folder that hold files of DVC's. */
async function foldersBelow(absolute: string): Promise<string[]> {
  const files = await glob(['*/**/*.dvc', '*/**/dvc.lock'], {
    cwd: absolute,
    absolute: true,
    dot: true,
    ignore: ['**/.dvc/**', '**/.git/**', '**/node_modules/**', '**/.venv/**'],
  });
  return [...new Set(files.map((file) => path.dirname(file)))];
}

/** All that the `.dvc` files and the dvc.lock of one folder record. */
async function trackedIn(project: DvcProject, folder: string): Promise<Tracked[]> {
  const names = await namesIn(folder);
  const files = names.filter((name) => name.endsWith('.dvc') && name !== '.dvc');
  const single = await Promise.all(files.map((name) => ofDvcFile(project, path.join(folder, name))));
  return [...single.flat(), ...(names.includes('dvc.lock') ? await ofLock(project, folder) : [])];
}

async function ofDvcFile(project: DvcProject, file: string): Promise<Tracked[]> {
  const name = shownPath(project, file);
  const { wdir, outs, deps } = parseDvcFile(await readRecord(project, file), name);
  const imported = deps[0];
  return outs.map((entry) => ({
    entry,
    absolute: path.resolve(path.dirname(file), wdir, entry.path),
    recorded: { file, name },
    origin: { kind: 'file', ...(imported && { imported }) },
  }));
}

async function ofLock(project: DvcProject, folder: string): Promise<Tracked[]> {
  const file = path.join(folder, 'dvc.lock');
  const name = shownPath(project, file);
  const lock = parseLock(await readRecord(project, file), name);
  const pipeline = await readPipeline(project, folder);
  return [...lock].flatMap(([stage, { outs }]) => {
    const wdir = (pipeline && definitionOf(pipeline, stage)?.wdir) ?? '.';
    // Where such a stage writes to, only its variables know.
    if (wdir.includes('${')) return [];
    return outs.map((entry): Tracked => ({
      entry,
      absolute: path.resolve(folder, wdir, entry.path),
      recorded: { file, name },
      origin: { kind: 'stage', stage },
    }));
  });
}

/** dvc.yaml of a folder; undefined when there is none. */
export async function readPipeline(
  project: Pick<DvcProject, 'root'>,
  folder: string,
): Promise<ReturnType<typeof parsePipeline> | undefined> {
  const file = path.join(folder, 'dvc.yaml');
  try {
    return parsePipeline(await readRecord(project, file), shownPath(project, file));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The text of a `.dvc` file, a dvc.lock or a dvc.yaml. */
export function readRecord(project: Pick<DvcProject, 'root'>, file: string): Promise<string> {
  const name = shownPath(project, file);
  return readBoundedText(file, { name, reason: 'bad-config', limit: LIMITS.records });
}

/** A path for people: relative to the project, with `/`. */
export function shownPath({ root }: Pick<DvcProject, 'root'>, absolute: string): string {
  return nameWithin(root, absolute);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}

function overlaps(a: string, b: string): boolean {
  return isAt(a, b) || isAt(b, a);
}

function isAt(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(`${outer}${path.sep}`);
}
