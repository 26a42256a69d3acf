import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { runFor } from '@sluice/testing/event.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

// Each test runs the built action.
jest.setTimeout(120_000);

const CONFIG = 'version: 1\nmodel: flights\ngate:\n  rules:\n    - {metric: auc, min: 0.5}\n';
const metrics = (auc: number): string => JSON.stringify({ auc });

/** Commits: the base, a branch whose model is worse, and the branch merged into the base. */
type Commit = 'main' | 'head' | 'merge';

let github: GitHubDouble;
let repository: TestRepository;
let commits: Record<Commit, string>;

beforeEach(async () => {
  github = new GitHubDouble();
  await github.start();
  repository = await createRepository({ 'sluice.yaml': CONFIG, 'm.json': metrics(0.7) });
  const main = await repository.git('rev-parse', 'HEAD');
  await repository.git('switch', '--quiet', '--create', 'change');
  await repository.write({ 'm.json': metrics(0.4) });
  await repository.git('commit', '--quiet', '--all', '--message', 'Change');
  const head = await repository.git('rev-parse', 'HEAD');
  await repository.git('switch', '--quiet', '--detach', main);
  await repository.git('merge', '--quiet', '--no-ff', '--message', 'Merge', 'change');
  commits = { main, head, merge: await repository.git('rev-parse', 'HEAD') };
});

afterEach(async () => {
  await github.stop();
  await repository.remove();
  expect(github.violations).toEqual([]);
});

/** An event, and what actions/checkout is told to take. */
interface Scene {
  readonly name: string;
  readonly payload: (commits: Record<Commit, string>) => object;
  readonly sha: Commit;
  readonly ref?: string;
  readonly checkout: Commit;
}

async function judge({ name, payload, sha, ref, checkout }: Scene): Promise<StepResult> {
  await repository.git('checkout', '--quiet', '--detach', commits[checkout]);
  const run = { root: repository.root, run: 42, github, name, payload: payload(commits) };
  return runStep('evaluate-gate', {
    workspace: repository.workspace,
    inputs: { metrics: 'm.json', 'github-token': 'ghs_test' },
    env: await runFor({ ...run, sha: commits[sha], ref: ref ?? 'refs/heads/main' }),
  });
}

const OWN = { full_name: 'acme/flights' };
const pull =
  (repo = OWN) =>
  ({ head }: Record<Commit, string>): object => ({
    pull_request: { number: 7, head: { sha: head, repo }, base: { ref: 'main', repo: OWN } },
  });
const comment = (): object => ({ issue: { number: 7, pull_request: { url: 'x' } } });
const finished = ({ head }: Record<Commit, string>): object => ({
  workflow_run: {
    event: 'pull_request',
    head_sha: head,
    head_branch: 'change',
    head_repository: OWN,
    pull_requests: [{ number: 7 }],
  },
});
const group = ({ head, main }: Record<Commit, string>): object => ({
  merge_group: {
    head_sha: head,
    base_sha: main,
    head_ref: `refs/heads/gh-readonly-queue/main/pr-7-${main}`,
    base_ref: 'refs/heads/main',
  },
});
const EVE = { full_name: 'eve/flights' };
const warnings = ({ annotations }: StepResult): string[] =>
  annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);

/** What a run has, by the table of https://docs.github.com/actions/reference/events-that-trigger-workflows. */
const TARGET = { name: 'pull_request_target', payload: pull(), sha: 'main' } as const;
const COMMENT = { name: 'issue_comment', payload: comment, sha: 'main' } as const;
const FINISHED = { name: 'workflow_run', payload: finished, sha: 'main' } as const;
const DISPATCH = { name: 'workflow_dispatch', payload: () => ({ inputs: {} }), sha: 'main' } as const;
const GROUP = { name: 'merge_group', payload: group, sha: 'head' } as const;
const PULL = { name: 'pull_request', payload: pull(), sha: 'merge' } as const;

describe('the verdict is put on the commit that was judged', () => {
  test.each<[string, Scene, { at: Commit; comments: number }]>([
    ['pull_request, merge commit', { ...PULL, checkout: 'merge' }, { at: 'head', comments: 1 }],
    ['pull_request, head', { ...PULL, checkout: 'head' }, { at: 'head', comments: 1 }],
    ['pull_request_target, head', { ...TARGET, checkout: 'head' }, { at: 'head', comments: 1 }],
    ['issue_comment, head', { ...COMMENT, checkout: 'head' }, { at: 'head', comments: 1 }],
    ['issue_comment, merge commit', { ...COMMENT, checkout: 'merge' }, { at: 'head', comments: 1 }],
    ['workflow_run, head', { ...FINISHED, checkout: 'head' }, { at: 'head', comments: 0 }],
    ['workflow_dispatch', { ...DISPATCH, checkout: 'main' }, { at: 'main', comments: 0 }],
    ['merge_group', { ...GROUP, checkout: 'head' }, { at: 'head', comments: 0 }],
  ])('%s', async (_, scene, { at, comments }) => {
    const head = { repository: 'acme/flights', branch: 'change', sha: commits.head };
    github.state.pulls.push({ number: 7, state: 'open', head, base: 'main' });
    const step = await judge(scene);
    const conclusion = at === 'main' ? 'success' : 'failure';
    expect(github.state.checks).toMatchObject([{ headSha: commits[at], conclusion }]);
    expect(github.state.comments).toHaveLength(comments);
    expect(warnings(step)).toEqual([]);
  });
});

describe('where another commit was judged, nothing is put anywhere, and the verdict is the same', () => {
  test.each<[string, Scene, RegExp]>([
    ['pull_request, base', { ...PULL, checkout: 'main' }, /Remove 'ref'/],
    ['pull_request_target, base', { ...TARGET, checkout: 'main' }, /Run the gate on pull_request;/],
    [
      "pull_request_target, a fork's head",
      { ...TARGET, payload: pull(EVE), checkout: 'head' },
      /would vouch for itself/,
    ],
    ['issue_comment, base', { ...COMMENT, checkout: 'main' }, /check out the head of a branch/],
    ['issue_comment, the head of no branch here', { ...COMMENT, checkout: 'head' }, /fork-report\.yml/],
    ['workflow_run, base', { ...FINISHED, checkout: 'main' }, /workflow_run\.head_sha/],
    ['workflow_dispatch, another ref', { ...DISPATCH, checkout: 'head' }, /gh workflow run --ref/],
    ['push, a commit of the job', { ...DISPATCH, name: 'push', checkout: 'merge' }, /let the push of it/],
    ['merge_group, main', { ...GROUP, checkout: 'main' }, /the merge group is/],
  ])('%s', async (_, scene, remedy) => {
    const step = await judge(scene);
    const isWorse = scene.checkout !== 'main';
    expect(step).toMatchObject({
      code: isWorse ? 1 : 0,
      outputs: { decision: isWorse ? 'fail' : 'pass' },
    });
    expect(github.state.checks).toEqual([]);
    expect(github.state.comments).toEqual([]);
    expect(warnings(step).filter((text) => remedy.test(text))).toHaveLength(1);
    expect(step.summary).not.toMatch(/: (this can|do not) merge/);
  });
});
