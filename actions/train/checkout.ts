import { isUserError } from '@sluice/core/action/errors.ts';
import { withoutFilters } from '@sluice/core/ledger/filters.ts';
import { findRepository } from '@sluice/core/ledger/find-repository.ts';
import { runGit, type GitOptions, type GitResult } from '@sluice/core/ledger/git.ts';

/** What git knows of the project's folder. */
export type Checkout =
  | {
      readonly kind: 'git';
      readonly commit: string;
      /** Whether a tracked file differs from the commit. */
      readonly dirty: boolean;
      /** Tracked files below the folder, relative to it. */
      readonly tracked: readonly string[];
    }
  | { readonly kind: 'none'; readonly why: string };

/** Reads commit, dirty state and tracked files; a folder that is no checkout is an answer, not an error. */
export async function readCheckout(directory: string, signal: AbortSignal): Promise<Checkout> {
  const repository = await findRepository(directory);
  if (repository === undefined)
    return { kind: 'none', why: `${directory} is not a git repository and in none` };
  const git = (args: readonly string[], config: GitOptions['config'] = []): Promise<GitResult> =>
    runGit(args, { repository, cwd: directory, config, signal });
  try {
    const [head, listed] = await Promise.all([
      git(['rev-parse', '--verify', 'HEAD']),
      git(['config', '--list', '--show-scope', '-z']),
    ]);
    if (head.code !== 0) return { kind: 'none', why: firstLine(head.stderr) };
    const [status, files] = await Promise.all([
      // Of a submodule its commit alone: to look inside, git would follow the configuration there.
      git(
        ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=dirty'],
        withoutFilters(listed.stdout),
      ),
      git(['ls-files', '-z']),
    ]);
    const failed = [status, files].find(({ code }) => code !== 0);
    if (failed !== undefined) return { kind: 'none', why: firstLine(failed.stderr) };
    return {
      kind: 'git',
      commit: head.stdout.trim(),
      dirty: status.stdout !== '',
      tracked: files.stdout.split('\0').filter((name) => name !== ''),
    };
  } catch (error) {
    if (isUserError(error) && error.reasonCode === 'missing-file') {
      return { kind: 'none', why: error.message };
    }
    throw error;
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
