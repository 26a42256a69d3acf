import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { makeWorse } from '../../scripts/story/changes.ts';
import { commitAll } from '../../scripts/story/git.ts';
import { pipeline } from '../../scripts/story/runs.ts';
import { actionRun, verdict, type Teller } from '../../scripts/story/telling.ts';
import { ROOT, createWorld, type World } from '../../scripts/story/world.ts';
import { REPOSITORY, runWorkflow, type ActRun } from '@sluice/testing/act.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

/** A run of a workflow on a busy machine. */
const LONG = 5 * 60_000;
const FORK = 'eve/flight-delay';
const WORKFLOWS = path.join('.github', 'workflows');

const silent: Teller = {
  fact: () => undefined,
  claim: () => undefined,
  workflow: () => () => undefined,
  finished: () => undefined,
};
const github = new GitHubDouble();
let scratch: string;
let world: World;
/** The head of the fork's branch, and the run that its pull request started. */
let head: string;
let forkRun: ActRun;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(path.join(os.tmpdir(), 'sluice-fork-')));
  await github.start();
  const apiUrl = github.env['GITHUB_API_URL'] ?? '';
  world = await createWorld(scratch, { github: { apiUrl, token: 'ghs_test' } });
  await cp(
    path.join(ROOT, 'workflows-examples', 'fork-report.yml'),
    path.join(world.git.directory, WORKFLOWS, 'fork-report.yml'),
  );
  commitAll(world.git, 'Show verdicts on pull requests from forks');
  world.git('push', '--quiet', 'origin', 'main');
  const first = await pipeline(world, silent, 'first-model');
  expect(verdict(first, 'deploy')).toBe('pass (ok)');
  world.git('switch', '--quiet', '--create', 'change');
  await makeWorse(world.git.directory);
  commitAll(world.git, 'Use fewer features');
  head = world.git('rev-parse', 'HEAD');
  github.state.pulls.push({
    number: 7,
    state: 'open',
    head: { repository: FORK, branch: 'change', sha: head },
    base: 'main',
  });
}, LONG);

afterAll(async () => {
  await Promise.all([world.server.stop(), github.stop()]);
  await rm(scratch, { recursive: true });
});

test(
  "the fork's own run is red and leaves its predictions; nothing is written on GitHub",
  async () => {
    const own = { full_name: REPOSITORY };
    // Without a token: one of a fork may write nothing.
    const { scratch: folder, vars } = world.runner;
    const before = github.requests.length;
    forkRun = await runWorkflow(
      { scratch: folder, vars },
      {
        repository: world.git.directory,
        workflow: path.join(WORKFLOWS, 'pull-request.yml'),
        event: 'pull_request',
        title: 'fork',
        payload: {
          number: 7,
          repository: own,
          pull_request: {
            number: 7,
            base: { ref: 'main', sha: world.git('rev-parse', 'main'), repo: own },
            head: { ref: 'change', sha: head, repo: { full_name: FORK } },
          },
        },
        env: { GITHUB_BASE_REF: 'main', GITHUB_HEAD_REF: 'change', GITHUB_REF: 'refs/pull/7/merge' },
      },
    );
    expect(verdict(forkRun, 'evaluate-gate')).toBe('fail (regression)');
    expect(github.requests.length).toBe(before);
  },
  LONG,
);

async function report(title: string): Promise<ActRun> {
  world.git('switch', '--quiet', 'main');
  return runWorkflow(world.runner, {
    repository: world.git.directory,
    workflow: path.join(WORKFLOWS, 'fork-report.yml'),
    event: 'workflow_run',
    title,
    payload: {
      action: 'completed',
      repository: { full_name: REPOSITORY, default_branch: 'main' },
      workflow_run: {
        id: forkRun.id,
        name: 'Pull request',
        event: 'pull_request',
        conclusion: 'failure',
        head_sha: head,
        head_branch: 'change',
        head_repository: { full_name: FORK },
        pull_requests: [],
      },
    },
  });
}

test(
  'fork-report.yml, unchanged, judges them again and shows the verdict on the pull request',
  async () => {
    const run = await report('report');
    expect(verdict(run, 'evaluate-gate')).toBe('fail (regression)');
    const gate = actionRun(run, 'evaluate-gate');
    expect(gate?.result).toMatchObject({ baseline: { version: 'v1.0.0' }, 'model-digest': null });
    expect(github.state.comments).toMatchObject([
      { issue: 7, body: expect.stringMatching(/made in a fork: nothing of the fork was run here/) },
    ]);
    expect(github.state.comments[0]?.body).toContain("ids and labels are those of the baseline's rows");
    const checks = github.state.checks.filter(({ headSha }) => headSha === head);
    expect(checks).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
    // The same numbers as in the fork, judged by the same rules.
    expect(gate?.result['message']).toBe(actionRun(forkRun, 'evaluate-gate')?.result['message']);
    expect(github.violations).toEqual([]);
  },
  LONG,
);

test(
  'an artifact that holds something else is an error on the pull request, and the configuration in it plays no part',
  async () => {
    const artifact = path.join(scratch, 'artifacts', String(forkRun.id), 'gate-predictions');
    await writeFile(path.join(artifact, 'predictions.parquet'), 'nothing of the kind');
    await writeFile(path.join(artifact, 'sluice.yaml'), 'version: 1\nmodel: flight-delay\n');
    const run = await report('hostile');
    expect(verdict(run, 'evaluate-gate')).toBe('error (unreadable-data)');
    expect(github.state.comments).toMatchObject([
      { issue: 7, body: expect.stringContaining('could not be judged') },
    ]);
  },
  LONG,
);
