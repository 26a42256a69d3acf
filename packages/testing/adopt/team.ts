import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { commitAll, gitIn, type Git } from '../../../scripts/story/git.ts';
import { dispatch, dispatchRollback, pipeline, pullRequestRun } from '../../../scripts/story/runs.ts';
import type { Teller } from '../../../scripts/story/telling.ts';
import { ROOT } from '../action.ts';
import type { ActRun, ActRunner } from '../act.ts';
import { GitHubDouble } from '../github/server.ts';
import { filesOfPage, patchOfPage } from './page.ts';

type Files = Readonly<Record<string, string>>;

interface TeamOptions {
  /** What the steps of the team's runners see. */
  readonly env?: Files;
  readonly vars?: Files;
  /** The one workflow for pull requests and pushes, where they are not two. */
  readonly workflow?: string;
  /** Completes the project before its first commit, in its folder; the other folder is for what lies elsewhere. */
  readonly prepare?: (project: string, elsewhere: string) => void | Promise<void>;
}

const silent: Teller = {
  fact: () => undefined,
  claim: () => undefined,
  workflow: () => () => undefined,
  finished: () => undefined,
};

/** A team with a project, GitHub, and runners. */
export class Team {
  readonly git: Git;
  readonly github: GitHubDouble;
  readonly runner: ActRunner;
  readonly #file: { readonly file?: string };

  constructor(git: Git, github: GitHubDouble, runner: ActRunner, workflow: string | undefined) {
    this.git = git;
    this.github = github;
    this.runner = runner;
    this.#file = workflow === undefined ? {} : { file: workflow };
  }

  /** Changes files on the branch that is checked out, and commits them. */
  async commit(files: Files): Promise<void> {
    for (const [file, content] of Object.entries(files)) {
      const absolute = path.join(this.git.directory, file);
      await mkdir(path.dirname(absolute), { recursive: true });
      await writeFile(absolute, content);
    }
    commitAll(this.git, `Change ${Object.keys(files).join(', ')}`);
  }

  /** Changes files on a branch, which is made where there is none, and runs what its pull request starts. */
  async propose(branch: string, files: Files, into = 'main'): Promise<ActRun> {
    const isThere = this.git('branch', '--list', branch) !== '';
    this.git('switch', '--quiet', ...(isThere ? [] : ['--create']), branch);
    await this.commit(files);
    return pullRequestRun(this, silent, branch, { ...this.#file, into });
  }

  /** Pushes the branch that is checked out, and runs what that starts. */
  async push(): Promise<ActRun> {
    const branch = this.git('branch', '--show-current');
    this.git('push', '--quiet', 'origin', branch);
    return pipeline(this, silent, `push-${branch.replace('/', '-')}`, { ...this.#file, branch });
  }

  /** Merges the branch that is checked out into main, and runs what that starts. */
  async merge(): Promise<ActRun> {
    const branch = this.git('branch', '--show-current');
    this.git('switch', '--quiet', 'main');
    this.git('merge', '--quiet', '--no-ff', '--message', `Merge ${branch}`, branch);
    return this.push();
  }

  async rollBack(reason: string, inputs?: Files): Promise<ActRun> {
    this.git('switch', '--quiet', 'main');
    return dispatchRollback(this, silent, reason, inputs);
  }

  /** Runs another workflow that has a button. */
  async dispatch(file: string, inputs: Files): Promise<ActRun> {
    this.git('switch', '--quiet', 'main');
    return dispatch(this, silent, file, inputs);
  }

  async leave(): Promise<void> {
    await this.github.stop();
    await rm(this.runner.scratch, { recursive: true });
  }
}

/** Gives a team the project of `packages/testing/adopt/<name>`, as it was before Sluice, on main. */
export async function startTeam(name: string, options: TeamOptions = {}): Promise<Team> {
  const scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), `sluice-adopt-${name}-`)));
  const github = new GitHubDouble({ permissions: { contents: 'write' } });
  await github.start();
  const git = await repositoryOf(name, scratch, options.prepare);
  const runner: ActRunner = {
    scratch,
    vars: options.vars ?? {},
    env: { GITHUB_API_URL: github.env['GITHUB_API_URL'] ?? '', ...options.env },
    token: 'ghs_test',
  };
  return new Team(git, github, runner, options.workflow);
}

async function repositoryOf(name: string, scratch: string, prepare: TeamOptions['prepare']): Promise<Git> {
  const [project, bare] = [path.join(scratch, 'repository'), path.join(scratch, 'remote.git')];
  await cp(path.join(ROOT, 'packages/testing/adopt', name), project, { recursive: true });
  await mkdir(bare);
  gitIn(bare)('init', '--quiet', '--bare', '--initial-branch=main');
  const git = gitIn(project);
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', bare);
  await prepare?.(project, scratch);
  commitAll(git, 'The project as it was');
  git('push', '--quiet', '--set-upstream', 'origin', 'main');
  return git;
}

const pageOf = (name: string): string => path.join(ROOT, 'docs/adopt', `${name}.md`);

/** The files that the page of a kind of project shows. */
export async function pageFiles(name: string): Promise<Record<string, string>> {
  return Object.fromEntries(await filesOfPage(pageOf(name)));
}

/** The first pull request: deletes what the project had in place of Sluice, and brings what the page of its kind shows, and names. */
export async function adopt(
  team: Team,
  name: string,
  deleted: readonly string[],
  named: Files = {},
): Promise<ActRun> {
  const patch = path.join(team.runner.scratch, 'page.patch');
  await writeFile(patch, await patchOfPage(pageOf(name)));
  team.git('rm', '--quiet', ...deleted);
  team.git('apply', '--allow-empty', patch);
  return team.propose('sluice', { ...(await pageFiles(name)), ...named });
}
