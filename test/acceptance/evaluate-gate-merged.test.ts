import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { runFor } from '@sluice/testing/event.ts';
import { pullRequest } from '@sluice/testing/gate-project.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { BOT } from '@sluice/testing/github/users.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

// Each test runs the built action, most of them several times.
jest.setTimeout(120_000);

const LABEL = 'sluice:accept';
const ADA = { login: 'ada', type: 'User' };
const INPUTS = { metrics: 'm.json', 'github-token': 'ghs_test' };
const CONFIG =
  'version: 1\nmodel: flights\ngate:\n  rules:\n    - {metric: auc, min: 0.5}\n    - {metric: loss, direction: lower, max: 1}\n';
const PULL = 7;
let repository: TestRepository;
let github: GitHubDouble;
let runs = 41;
/** What the gate wrote on the pull request, where no test changes it. */
let shown: string;

beforeAll(async () => {
  await prepare();
  await judgePull();
  shown = github.state.comments[0]?.body ?? '';
  await cleanUp();
});

beforeEach(prepare);
afterEach(cleanUp);

/** A repository with a branch whose model fails, and nothing on its pull request yet. */
async function prepare(): Promise<void> {
  repository = await createRepository({ 'sluice.yaml': CONFIG, 'm.json': metrics(0.7) });
  await repository.git('switch', '--quiet', '--create', 'change');
  await repository.write({ 'm.json': metrics(0.4) });
  await repository.git('commit', '--quiet', '--all', '--message', 'Change');
  github = new GitHubDouble();
  await github.start();
  github.state.collaborators.set('ada', 'write');
}

async function cleanUp(): Promise<void> {
  await github.stop();
  await repository.remove();
  expect(github.violations).toEqual([]);
}

function metrics(auc: number): string {
  return JSON.stringify({ auc, loss: 0.5 });
}

/** Judges the branch for its pull request. */
async function judgePull(inputs: Record<string, string> = {}): Promise<void> {
  const head = await repository.git('rev-parse', 'HEAD');
  const env = await pullRequest({ root: repository.root, run: ++runs, github, head });
  const { workspace } = repository;
  const step = await runStep('evaluate-gate', { workspace, inputs: { ...INPUTS, ...inputs }, env });
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'below-limit' } });
}

/** The pull request shows what fails, and Ada sets the label. */
function accept(): void {
  github.state.addComment(PULL, shown, BOT);
  changeLabel('labeled', 2);
}

function changeLabel(event: 'labeled' | 'unlabeled', secondsFromNow: number): void {
  const at = new Date(Date.now() + secondsFromNow * 1000);
  github.state.changeLabel({ issue: PULL, event, label: LABEL, actor: ADA, at });
}

const MERGES = {
  'a merge commit': [['merge', '--quiet', '--no-ff', '--message', 'Merge', 'change']],
  'a squash': [
    ['merge', '--quiet', '--squash', 'change'],
    ['commit', '--quiet', '--message', 'Squashed'],
  ],
  'a rebase': [['cherry-pick', 'change']],
} as const;

interface Merge {
  readonly by?: keyof typeof MERGES;
  readonly base?: string;
  readonly baseRepository?: string;
}

/** Merges pull request 7 as GitHub does, and remembers it there. */
async function merge({ by = 'a merge commit', base = 'main', ...rest }: Merge = {}): Promise<void> {
  await repository.git('switch', '--quiet', 'main');
  // The base has moved on, so that a rebase makes another commit.
  await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Other work');
  for (const command of MERGES[by]) await repository.git(...command);
  const sha = await repository.git('rev-parse', 'change');
  const mergeCommit = await repository.git('rev-parse', 'HEAD');
  const head = { repository: 'acme/flights', branch: 'change', sha };
  github.state.pulls.push({ number: PULL, state: 'closed', head, base, mergeCommit, ...rest });
}

/** Judges what is checked out, on the branch main. */
async function judgeMain(event = 'push', inputs: Record<string, string> = {}): Promise<StepResult> {
  return runStep('evaluate-gate', {
    workspace: repository.workspace,
    inputs: { ...INPUTS, ...inputs },
    env: {
      ...github.env,
      GITHUB_EVENT_NAME: event,
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: await repository.git('rev-parse', 'HEAD'),
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_RUN_ID: String(++runs),
    },
  });
}

/** Puts the pull request into the merge queue, as GitHub does, and judges the merge group; its number is in the branch's name. */
async function judgeGroup(number = PULL, from = 'main', merged = 'change'): Promise<StepResult> {
  await repository.git('switch', '--quiet', from);
  const base = await repository.git('rev-parse', 'HEAD');
  const branch = `gh-readonly-queue/main/pr-${number}-${base}`;
  await repository.git('switch', '--quiet', '--create', branch);
  await repository.git('merge', '--quiet', '--no-ff', '--message', 'Merge queue', merged);
  await repository.git('push', '--quiet', 'origin', branch);
  const sha = await repository.git('rev-parse', 'HEAD');
  const ref = `refs/heads/${branch}`;
  const group = { head_sha: sha, base_sha: base, head_ref: ref, base_ref: 'refs/heads/main' };
  const run = { root: repository.root, run: ++runs, github, name: 'merge_group', sha, ref };
  return runStep('evaluate-gate', {
    workspace: repository.workspace,
    inputs: INPUTS,
    env: await runFor({ ...run, payload: { merge_group: group } }),
  });
}

const queueBranches = async (): Promise<string[]> =>
  (
    await repository.remoteGit('for-each-ref', '--format=%(refname:short)', 'refs/heads/gh-readonly-queue')
  ).split('\n');

const FAILED = { code: 1, outputs: { 'reason-code': 'below-limit' }, result: { acknowledgement: null } };
const notices = ({ annotations }: StepResult): string[] =>
  annotations.filter(({ level }) => level === 'notice').map(({ message }) => message);

describe('an acceptance counts after the merge', () => {
  test.each(['a merge commit', 'a squash', 'a rebase'] as const)('by %s', async (by) => {
    accept();
    await merge({ by });
    const before = github.state.comments[0]?.body;
    const step = await judgeMain();
    expect(step).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'acknowledged' },
      result: {
        acknowledgement: { by: 'ada', label: LABEL, 'pull-request': 7 },
        rules: [{ verdict: 'acknowledged' }, { verdict: 'pass' }],
      },
    });
    expect(step.summary).toContain('was accepted by ada on');
    expect(step.summary).toContain('on pull request 7, for exactly these numbers');
    expect(github.state.checks.at(-1)).toMatchObject({ conclusion: 'neutral' });
    expect(github.state.comments.map(({ body }) => body)).toEqual([before]);
  });

  test('in a run that somebody or the clock starts at that commit', async () => {
    accept();
    await merge();
    for (const event of ['workflow_dispatch', 'schedule']) expect((await judgeMain(event)).code).toBe(0);
  });

  test('where only main is told to write no comment, with read-only access', async () => {
    accept();
    await merge();
    github.state.permit({ 'pull-requests': 'read' });
    expect((await judgeMain('push', { comment: 'never' })).code).toBe(0);
  });

  test('from a matrix, for the job that it was given for', async () => {
    await judgePull({ 'matrix-key': 'eu' });
    changeLabel('labeled', 2);
    await merge();
    expect((await judgeMain('push', { 'matrix-key': 'eu' })).code).toBe(0);
    expect(await judgeMain('push', { 'matrix-key': 'us' })).toMatchObject(FAILED);
  });

  test('and the statement names the pull request', async () => {
    await repository.write({ 'model.txt': 'weights' });
    accept();
    await merge();
    const step = await judgeMain('push', { 'model-path': 'model.txt' });
    expect(step.stdout).toContain('is the merge of pull request 7');
    const statement = await readFile(step.outputs['evidence'] ?? '', 'utf8');
    expect(JSON.parse(statement)).toMatchObject({
      predicate: { result: 'WARNED', acknowledged: { by: 'ada', 'pull-request': PULL } },
    });
  });
});

describe('an acceptance does not count after the merge', () => {
  test('for other numbers, and the report says what to do', async () => {
    accept();
    await merge();
    await repository.write({ 'm.json': metrics(0.41) });
    const step = await judgeMain();
    expect(step).toMatchObject(FAILED);
    expect(step.summary).toContain('The comment on pull request 7, whose merge made this commit');
    expect(step.summary).toContain('shows other failing numbers');
    expect(step.summary).toContain('Revert the merge, or open a pull request');
  });

  test('when the label was taken off, until it is set again', async () => {
    accept();
    await merge();
    changeLabel('unlabeled', 3);
    const step = await judgeMain();
    expect(step).toMatchObject(FAILED);
    expect(step.summary).toContain('set the label sluice:accept on pull request 7 and run this job again');
    changeLabel('labeled', 4);
    expect((await judgeMain()).code).toBe(0);
  });

  test('when whoever set the label may not write any more', async () => {
    accept();
    await merge();
    github.state.collaborators.set('ada', 'read');
    const step = await judgeMain();
    expect(step).toMatchObject(FAILED);
    expect(step.summary).toContain('On pull request 7: The label sluice:accept was set by ada, who has the');
  });

  test.each<[string, Merge]>([
    ['of another branch', { base: 'release' }],
    ['of another repository', { baseRepository: 'eve/flights' }],
  ])('by a pull request %s', async (_what, where) => {
    accept();
    await merge(where);
    const step = await judgeMain();
    expect(step).toMatchObject(FAILED);
    expect(step.summary).not.toContain('pull request');
    expect(notices(step)).toEqual([]);
  });

  test('for another commit than the merge', async () => {
    accept();
    await merge();
    await repository.git('switch', '--quiet', '--detach', 'change');
    expect(await judgeMain()).toMatchObject(FAILED);
    await repository.git('switch', '--quiet', 'main');
    await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Pushed past the pull request');
    expect(await judgeMain()).toMatchObject(FAILED);
  });

  test('for a commit that GitHub does not know', async () => {
    accept();
    await merge();
    github.fail({ method: 'GET', path: /\/pulls$/, kind: { status: 422 } });
    const step = await judgeMain();
    expect(step).toMatchObject(FAILED);
    expect(notices(step)).toEqual([]);
  });

  test('without the permission to read pull requests, and one notice says so', async () => {
    accept();
    await merge();
    github.state.permit({ 'pull-requests': 'none' });
    const step = await judgeMain();
    expect(step).toMatchObject(FAILED);
    expect(notices(step)).toEqual([expect.stringContaining('pull-requests: read')]);
    expect(step.annotations.filter(({ level }) => level === 'warning')).toEqual([]);
  });
});

test('a gate that passes asks nobody', async () => {
  accept();
  await merge();
  await repository.write({ 'm.json': metrics(0.6) });
  expect((await judgeMain()).code).toBe(0);
  expect(github.requests.filter(({ path }) => path.endsWith('/pulls'))).toEqual([]);
});

describe('an acceptance in the merge queue', () => {
  const TAKEN = { code: 0, outputs: { decision: 'warn', 'reason-code': 'acknowledged' } };

  test('counts for the very same numbers, and the check run lands on the head of the merge group', async () => {
    accept();
    const before = github.state.comments[0]?.body;
    const step = await judgeGroup();
    expect(step).toMatchObject({
      ...TAKEN,
      result: { acknowledgement: { by: 'ada', 'pull-request': PULL } },
    });
    expect(step.stdout).toContain('is made for pull request 7');
    const headSha = await repository.git('rev-parse', 'HEAD');
    expect(github.state.checks.at(-1)).toMatchObject({ headSha, conclusion: 'neutral' });
    expect(github.state.comments.map(({ body }) => body)).toEqual([before]);
  });

  test('is asked for where nobody gave it', async () => {
    github.state.addComment(PULL, shown, BOT);
    const step = await judgeGroup();
    expect(step).toMatchObject(FAILED);
    expect(step.summary).toContain('set the label sluice:accept on pull request 7');
  });

  test('does not count for other numbers, and the report says what to do', async () => {
    accept();
    await repository.write({ 'm.json': metrics(0.41) });
    await repository.git('commit', '--quiet', '--all', '--message', 'Another model');
    const step = await judgeGroup();
    expect(step).toMatchObject(FAILED);
    expect(step.summary).toContain('shows other failing numbers');
    expect(step.summary).toContain('Bring its branch up to date with main');
    expect(github.state.checks.at(-1)).toMatchObject({ conclusion: 'failure' });
  });

  test('counts from a pull request before it in the queue, whose change the group has too', async () => {
    accept();
    await repository.git('switch', '--quiet', '--create', 'docs', 'main');
    await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Docs');
    await judgeGroup();
    const step = await judgeGroup(8, await repository.git('branch', '--show-current'), 'docs');
    expect(step).toMatchObject({
      ...TAKEN,
      result: { acknowledgement: { by: 'ada', 'pull-request': PULL } },
    });
    expect(step.stdout).toContain('The merge group has pull request 7 too');
    // Pull request 7 left the queue, and the group was made anew without it.
    await repository.git('push', '--quiet', 'origin', '--delete', (await queueBranches())[0] ?? '');
    const alone = await judgeGroup(9, 'main');
    expect(alone).toMatchObject(FAILED);
  });

  test('does not count from another pull request', async () => {
    accept();
    const step = await judgeGroup(8);
    expect(step).toMatchObject(FAILED);
    expect(step.summary).toContain(
      'The comment on pull request 8, which this merge group is made for, shows no',
    );
  });
});
