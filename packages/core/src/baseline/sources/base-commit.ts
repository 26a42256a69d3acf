import type { ActionContext } from '../../action/context.ts';
import type { PullRequest } from '../../forge/event.ts';
import { readCheckedOut } from '../../ledger/checked-out.ts';
import { mergeBaseOf } from '../../ledger/history.ts';
import type { RemoteAccess } from '../../ledger/remote.ts';

/** The commit that a change is compared with, or why it cannot be told. */
export type BaseCommit = { readonly commit: string } | { readonly why: string };

/**
 * The merge base of the change. Where a pull request's merge commit is checked out (`refs/pull/N/merge`) that is the
 * merge's first parent, whose name a shallow checkout knows too; with the pull request's head checked out, or something
 * else (a run about a fork's pull request), it is the merge base of the base branch and the head. Elsewhere it is the
 * first parent of HEAD. Never `pull_request.base.sha`, which stands still while the base branch moves on.
 */
export async function findBaseCommit(
  { directory, env, signal }: Pick<ActionContext, 'directory' | 'env' | 'signal'>,
  access: RemoteAccess,
  pull: PullRequest | undefined,
): Promise<BaseCommit> {
  const head = await readCheckedOut(directory);
  if (head === undefined) return { why: 'no commit is checked out' };
  const [first, ...others] = head.parents;
  const base = pull?.baseRef ?? env['GITHUB_BASE_REF'];
  if (!base) {
    if (first !== undefined) return { commit: first };
    return { why: 'the commit that is checked out has no parent' };
  }
  // A head may itself be a merge, as the button "Update branch" makes it; its first parent is the change's own.
  const isMergeOfChange = pull === undefined ? others.length > 0 : others.includes(pull.headSha);
  if (isMergeOfChange && first !== undefined) return { commit: first };
  const merged = await mergeBaseOf(access, base, pull?.headSha ?? head.commit, signal);
  if (merged === undefined) return { why: `the change and ${base} have no commit in common` };
  if ('commit' in merged) return merged;
  return {
    why: `the history of ${base} cannot be fetched (${merged.why}); check out the merge commit (the default of actions/checkout), or set fetch-depth: 0`,
  };
}
