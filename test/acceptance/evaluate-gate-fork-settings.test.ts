import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { StepResult } from '@sluice/testing/action.ts';
import { FORK_HEAD, forkPredictions, forkRun } from '@sluice/testing/fork-run.ts';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { serveGit, type GitServer } from '@sluice/testing/git-server.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

// Each test runs the built action several times.
jest.setTimeout(60_000);

const BUDGET = `
version: 1
model: flights
data: {test: data/test.csv}
gate:
  budget: {evaluations: 8}
  rules:
    - {metric: accuracy, min: 0.6}
`;
let project: GateProject;
let github: GitHubDouble;
let server: GitServer;
let readOnly: boolean;

beforeEach(async () => {
  project = await createGateProject(BUDGET);
  readOnly = true;
  server = await serveGit(project.root, (_, service) => !readOnly || service === 'read');
  await project.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
  github = new GitHubDouble();
  await github.start();
  github.state.pulls.push({ number: 7, state: 'open', head: FORK_HEAD, base: 'main' });
});

afterEach(async () => {
  await github.stop();
  await server.close();
  await project.remove();
  expect(github.violations).toEqual([]);
});

async function judge(errors: number, inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  await project.write({ 'fork/predictions.csv': forkPredictions(errors) });
  return project.gate({
    inputs: { 'github-token': 'ghs_test', predictions: 'fork/predictions.csv', ...inputs },
    env: await forkRun(project, github),
  });
}

const everyRef = (): Promise<string> => project.remoteGit('for-each-ref');

test("a fork's predictions use no budget up where the job may only read, and a pass says so", async () => {
  const before = await everyRef();
  const step = await judge(0.1);
  expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'budget-uncounted' } });
  expect(step.result['budget']).toEqual({ evaluations: 8, used: 0, counted: false });
  expect(step.summary).toContain('This model was not counted');
  expect(github.state.comments).toMatchObject([
    { issue: 7, body: expect.stringContaining('This model was not counted') },
  ]);
  expect(await judge(0.7)).toMatchObject({ code: 1, outputs: { 'reason-code': 'below-limit' } });
  expect(await everyRef()).toBe(before);
});

test('what this repository counted is read, and stays as it is', async () => {
  readOnly = false;
  await project.write({ 'own.csv': forkPredictions(0.05) });
  expect((await project.gate({ inputs: { predictions: 'own.csv' } })).result['budget']).toMatchObject({
    used: 1,
    counted: true,
  });
  readOnly = true;
  const before = await everyRef();
  expect((await judge(0.1)).result['budget']).toEqual({ evaluations: 8, used: 1, counted: false });
  expect(await everyRef()).toBe(before);
});

test("jobs of a matrix share the comment on a fork's pull request, each with a check of its own", async () => {
  await judge(0.1, { 'matrix-key': 'eu' });
  await judge(0.7, { 'matrix-key': 'us' });
  expect(github.state.comments).toHaveLength(1);
  const { issue, body = '' } = github.state.comments[0] ?? {};
  expect(issue).toBe(7);
  expect(body).toContain('1 failed, 1 passed with warnings');
  expect(body.match(/nothing of the fork was run here/g)).toHaveLength(2);
  expect(github.state.checks).toMatchObject([
    { headSha: FORK_HEAD.sha, name: 'Sluice: flights (eu)', conclusion: 'neutral' },
    { headSha: FORK_HEAD.sha, name: 'Sluice: flights (us)', conclusion: 'failure' },
  ]);
  await expect(project.read('.sluice/evidence/evaluate-gate.json')).rejects.toThrow('ENOENT');
});
