import { realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';

/** A repository, said outright, so that git looks for none itself. */
export interface GitRepository {
  /** Absolute path of the folder `.git`, of the file that stands for it, or of a bare repository. */
  readonly gitDir: string;
  /** Absolute path of the top of the work tree; absent for a bare repository. */
  readonly workTree?: string;
}

/**
 * The repository that a folder is checked out from: the nearest one with a `.git`. Files of a checkout that look like a bare
 * repository are none, since git never checks out a `.git` but does check out those. Undefined outside of a repository.
 */
export async function findRepository(directory: string): Promise<Required<GitRepository> | undefined> {
  for (let folder = await realpath(directory); ; folder = path.dirname(folder)) {
    const gitDir = path.join(folder, '.git');
    if (await isGitDir(gitDir)) return { gitDir, workTree: folder };
    if (path.dirname(folder) === folder) return undefined;
  }
}

/** A folder with a HEAD, or the file by which a worktree or submodule names its folder. */
async function isGitDir(candidate: string): Promise<boolean> {
  const found = await stat(candidate).catch(() => undefined);
  if (found?.isDirectory() !== true) return found?.isFile() === true;
  return (await stat(path.join(candidate, 'HEAD')).catch(() => undefined)) !== undefined;
}
