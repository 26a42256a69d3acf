import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { commitAll, gitIn, type Git } from '../../../scripts/story/git.ts';
import { dispatchRollback, pipeline, pullRequestRun } from '../../../scripts/story/runs.ts';
import type { Teller } from '../../../scripts/story/telling.ts';
import { ROOT } from '../action.ts';
import type { ActRun, ActRunner } from '../act.ts';
import { GitHubDouble } from '../github/server.ts';
import { filesOfPage, patchOfPage } from './page.ts';

const silent: Teller = {
  fact: () => undefined,
  claim: () => undefined,
  workflow: () => () => undefined,
  finished: () => undefined,
};

/** A team whose project follows a page of docs/adopt, with GitHub and its runners. */
export interface Team {
  readonly git: Git;
  readonly github: GitHubDouble;
  readonly runner: ActRunner;
  /** Changes files on a new branch, or on the one that is checked out, and runs what its pull request starts. */
  propose(branch: string, files: Readonly<Record<string, string>>): Promise<ActRun>;
  /** Merges the branch that is checked out into main, and runs what that starts. */
  merge(): Promise<ActRun>;
  rollBack(reason: string, inputs?: Readonly<Record<string, string>>): Promise<ActRun>;
  leave(): Promise<void>;
}

interface TeamOptions {
  /** What the steps of the team's runners see. */
  readonly env?: Readonly<Record<string, string>>;
  readonly vars?: Readonly<Record<string, string>>;
  /** The one workflow for pull requests and pushes, where they are not two. */
  readonly workflow?: string;
  /** Completes the project before its first commit, in its folder; the other folder is for what lies elsewhere. */
  readonly prepare?: (project: string, elsewhere: string) => void | Promise<void>;
}

/**
 * Makes the project of `packages/testing/adopt/<name>` as it was before, on main; the files of `docs/adopt/<name>.md` are what
 * the team's first pull request brings.
 */
export async function startTeam(
  name: string,
  { env = {}, vars = {}, workflow, prepare }: TeamOptions = {},
): Promise<Team> {
  const scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), `sluice-adopt-${name}-`)));
  const github = new GitHubDouble({ permissions: { contents: 'write' } });
  await github.start();
  await Promise.all(['repository', 'remote.git'].map((folder) => mkdir(path.join(scratch, folder))));
  await cp(path.join(ROOT, 'packages/testing/adopt', name), path.join(scratch, 'repository'), {
    recursive: true,
  });
  const remote = gitIn(path.join(scratch, 'remote.git'));
  remote('init', '--quiet', '--bare', '--initial-branch=main');
  const git = gitIn(path.join(scratch, 'repository'));
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', remote.directory);
  await prepare?.(git.directory, scratch);
  commitAll(git, 'The project as it was');
  git('push', '--quiet', '--set-upstream', 'origin', 'main');
  const runner: ActRunner = {
    scratch,
    vars,
    env: { GITHUB_API_URL: github.env['GITHUB_API_URL'] ?? '', ...env },
    token: 'ghs_test',
  };
  const world = { git, runner };
  return {
    ...world,
    github,
    propose: async (branch, files) => {
      if (git('branch', '--show-current') === 'main') git('switch', '--quiet', '--create', branch);
      for (const [file, content] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(git.directory, file)), { recursive: true });
        await writeFile(path.join(git.directory, file), content);
      }
      commitAll(git, `Change ${Object.keys(files).join(', ')}`);
      return pullRequestRun(world, silent, branch, workflow);
    },
    merge: async () => {
      const branch = git('branch', '--show-current');
      git('switch', '--quiet', 'main');
      git('merge', '--quiet', '--no-ff', '--message', `Merge ${branch}`, branch);
      git('push', '--quiet', 'origin', 'main');
      return pipeline(world, silent, `pipeline-${branch}`, workflow === undefined ? {} : { file: workflow });
    },
    rollBack: (reason, inputs) => dispatchRollback(world, silent, reason, inputs),
    leave: async () => {
      await github.stop();
      await rm(scratch, { recursive: true });
    },
  };
}

/** The first pull request: deletes what the project had in place of Sluice, and brings what the page of its kind shows, and names. */
export async function adopt(
  team: Team,
  name: string,
  deleted: readonly string[],
  beside: Readonly<Record<string, string>> = {},
): Promise<ActRun> {
  const page = path.join(ROOT, 'docs/adopt', `${name}.md`);
  const patch = path.join(team.runner.scratch, 'page.patch');
  await writeFile(patch, await patchOfPage(page));
  team.git('rm', '--quiet', ...deleted);
  team.git('apply', '--allow-empty', patch);
  return team.propose('sluice', { ...Object.fromEntries(await filesOfPage(page)), ...beside });
}
