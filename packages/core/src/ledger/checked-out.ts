import { findRepository } from './find-repository.ts';
import { runGit } from './git.ts';

/** Full id of the commit that is checked out; undefined outside a repository. */
export async function findCheckedOut(directory: string): Promise<string | undefined> {
  return git(directory, 'rev-parse', '--verify', 'HEAD');
}

/** The commit that is checked out, with the full ids of its parents, first parent first; undefined outside a repository. */
export async function readCheckedOut(
  directory: string,
): Promise<{ readonly commit: string; readonly parents: readonly string[] } | undefined> {
  const commit = await findCheckedOut(directory);
  // The object itself: `HEAD^1` does not resolve where a shallow clone ends.
  const text = await git(directory, 'cat-file', 'commit', 'HEAD');
  if (commit === undefined || text === undefined) return undefined;
  const [header = ''] = text.split('\n\n', 1);
  return { commit, parents: [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, id]) => id as string) };
}

/** What git printed; undefined when it failed, which here means that there is nothing of that name. */
async function git(directory: string, ...args: string[]): Promise<string | undefined> {
  const repository = await findRepository(directory);
  if (repository === undefined) return undefined;
  const { code, stdout } = await runGit(args, { repository });
  return code === 0 ? stdout.trim() : undefined;
}
