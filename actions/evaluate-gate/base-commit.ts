import type { ActionContext } from '@sluice/core/action/context.ts';
import { runGit } from '@sluice/core/ledger/git.ts';

/** The commit that a change is compared with, or why it cannot be told. */
export type BaseCommit = { readonly commit: string } | { readonly why: string };

/**
 * The merge base of what is checked out. On a pull request whose merge commit is checked out (`refs/pull/N/merge`) that
 * is the merge's first parent, whose name a shallow checkout knows too; with the head checked out it is
 * `git merge-base origin/<base branch> HEAD`. Elsewhere it is the first parent of HEAD. Never
 * `pull_request.base.sha`, which stands still while the base branch moves on.
 */
export async function findBaseCommit({ directory, env }: ActionContext): Promise<BaseCommit> {
  // The object itself: `HEAD^1` does not resolve where a shallow clone ends.
  const head = await git(directory, 'cat-file', 'commit', 'HEAD');
  if (head === undefined) return { why: 'no commit is checked out' };
  const parents = [
    ...head
      .split('\n\n', 1)
      .join('')
      .matchAll(/^parent ([0-9a-f]+)$/gm),
  ].map(([, id]) => id as string);
  const base = env['GITHUB_BASE_REF'];
  const [first] = parents;
  if (first !== undefined && (parents.length > 1 || !base)) return { commit: first };
  if (!base) return { why: 'the commit that is checked out has no parent' };
  const merged = await git(directory, 'merge-base', `refs/remotes/origin/${base}`, 'HEAD');
  if (merged !== undefined) return { commit: merged };
  return {
    why: `the checkout does not reach back to ${base}; check out the merge commit (the default of actions/checkout), or set fetch-depth: 0`,
  };
}

/** Full id of the commit that is checked out; undefined outside a repository. */
export async function findCheckedOut(directory: string): Promise<string | undefined> {
  return git(directory, 'rev-parse', '--verify', 'HEAD');
}

/** The job's own checkout is trusted, also when another user owns it, as in a container. */
const TRUSTED = [['safe.directory', '*']] as const;

/** What git printed; undefined when it failed, which here means that there is nothing of that name. */
async function git(directory: string, ...args: string[]): Promise<string | undefined> {
  const { code, stdout } = await runGit(args, { cwd: directory, config: TRUSTED });
  return code === 0 ? stdout.trim() : undefined;
}
