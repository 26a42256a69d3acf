import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { hashFiles } from '../digest/parallel.ts';
import { isFolder } from './entry.ts';
import { digestFolder, listFolder } from './listing.ts';
import { listedFiles, pullMissing, type PullContext } from './pull.ts';
import type { DvcProject } from './project.ts';
import { shownPath, type Tracked } from './tracked.ts';
import { wantedFiles, type WantedFile } from './wanted.ts';

/** A file or folder that is not what DVC recorded. */
export interface Difference {
  /** Relative to the project, with `/`. */
  readonly path: string;
  /** md5 in hex; undefined for a file that was not recorded. */
  readonly expected: string | undefined;
  /** md5 in hex; undefined for a file that is not there. */
  readonly actual: string | undefined;
}

/** What the comparison of tracked data came to. */
export interface TrackedCheck {
  /** Absolute; the project's. */
  readonly root: string;
  readonly tracked: Tracked;
  /** Files that were compared. */
  readonly files: number;
  /** Whether these are all that DVC tracks there. */
  readonly isWhole: boolean;
  /** Files that were missing and have been pulled. */
  readonly pulled: number;
  readonly differences: readonly Difference[];
}

/** Whether a file, by its absolute path, is among those to compare. */
export type Selects = (absolute: string) => boolean;

/**
 * Compares the files that `selects` names with what DVC recorded, after pulling those that are missing. Undefined when
 * nothing is recorded to compare with, such as for an output of a stage that has not run. Throws UserError when the data
 * is missing and cannot be pulled.
 */
export async function checkTracked(
  project: DvcProject,
  tracked: Tracked,
  selects: Selects,
  context: PullContext,
): Promise<TrackedCheck | undefined> {
  const { entry, absolute } = tracked;
  if (entry.md5 === undefined && entry.files === undefined) return undefined;
  const unchanged = await unchangedFolder(project, tracked);
  if (unchanged !== undefined)
    return { root: project.root, tracked, pulled: 0, files: unchanged, isWhole: true, differences: [] };
  const listed = await listedFiles(project, tracked, context);
  const all = wantedFiles(tracked, project.root, listed);
  const wanted = all?.filter((file) => selects(file.absolute));
  const pulled = await pullMissing(project, tracked, wanted ?? [unlisted(tracked)], context);
  const known = wanted?.every((file) => file.md5 !== undefined) === true ? wanted : undefined;
  const compared =
    known === undefined ? await compareFolder(project, tracked) : await compareFiles(project, known);
  const added =
    known !== undefined && isFolder(entry) ? await addedFiles(project, absolute, selects, known) : [];
  const differences = [...compared.differences, ...added];
  const isWhole = wanted === undefined || wanted.length === all?.length;
  return { root: project.root, tracked, pulled, files: compared.files, isWhole, differences };
}

/** How many files a folder has that is exactly as recorded, which needs no list of its files and no remote. */
async function unchangedFolder(
  project: DvcProject,
  { absolute, entry }: Tracked,
): Promise<number | undefined> {
  if (entry.md5?.endsWith('.dir') !== true) return undefined;
  if ((await stat(absolute).catch(() => undefined))?.isDirectory() !== true) return undefined;
  const { md5, files } = await digestFolder(project.root, absolute, entry.algorithm);
  return md5 === entry.md5 ? files.length : undefined;
}

/** A folder of which nobody says what is in it: it is there or not as a whole. */
function unlisted({ absolute, entry }: Tracked): WantedFile {
  return { absolute, md5: entry.md5, algorithm: entry.algorithm, bytes: undefined, version: undefined };
}

type Compared = Pick<TrackedCheck, 'files' | 'differences'>;

async function compareFiles(project: DvcProject, wanted: readonly WantedFile[]): Promise<Compared> {
  const present: WantedFile[] = [];
  const differences: Difference[] = [];
  for (const file of wanted) {
    if ((await stat(file.absolute).catch(() => undefined))?.isFile() === true) present.push(file);
    else differences.push({ path: shownPath(project, file.absolute), expected: file.md5, actual: undefined });
  }
  const hashed = await hashFiles(
    present.map(({ absolute }) => absolute),
    wanted[0]?.algorithm ?? 'md5',
  );
  for (const [index, { absolute, md5 }] of present.entries()) {
    const actual = hashed[index]?.hex;
    if (actual !== md5) differences.push({ path: shownPath(project, absolute), expected: md5, actual });
  }
  return { files: wanted.length, differences };
}

async function compareFolder(project: DvcProject, { absolute, entry }: Tracked): Promise<Compared> {
  const { md5, files } = await digestFolder(project.root, absolute, entry.algorithm);
  const same = md5 === entry.md5;
  const difference = { path: shownPath(project, absolute), expected: entry.md5, actual: md5 };
  return { files: files.length, differences: same ? [] : [difference] };
}

/** Files of a tracked folder that were not there when DVC recorded it. */
async function addedFiles(
  project: DvcProject,
  folder: string,
  selects: Selects,
  wanted: readonly WantedFile[],
): Promise<Difference[]> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true) return [];
  const recorded = new Set(wanted.map(({ absolute }) => absolute));
  const there = (await listFolder(project.root, folder)).map((relative) => path.join(folder, relative));
  const added = there.filter((file) => selects(file) && !recorded.has(file));
  const hashed = await hashFiles(added, wanted[0]?.algorithm ?? 'md5');
  return added.map((file, index) => ({
    path: shownPath(project, file),
    expected: undefined,
    actual: hashed[index]?.hex,
  }));
}
