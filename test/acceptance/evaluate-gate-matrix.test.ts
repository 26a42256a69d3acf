import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { readLegs } from '@sluice/core/review/comment/leg-text.ts';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

// Each test runs the built action, most of them several at once.
jest.setTimeout(120_000);

const REGIONS = ['ap-south', 'eu-north', 'eu-west', 'sa-east', 'us-east', 'us-west'];
let project: GateProject;
let github: GitHubDouble;

beforeEach(async () => {
  project = await createGateProject();
  await project.register('v1.0.0', 0.1);
  await project.assign('v1.0.0', 'production');
  github = new GitHubDouble();
  await github.start();
});

afterEach(async () => {
  await github.stop();
  await project.remove();
  expect(github.violations).toEqual([]);
});

/** One job of a matrix, in a clone of its own. */
async function leg(key: string, errors: number, run = '42'): ReturnType<GateProject['gate']> {
  const workspace = await project.clone();
  await mkdir(path.join(workspace, 'out'));
  await writeFile(path.join(workspace, 'out/model.json'), JSON.stringify({ errors }));
  return project.gate({ github, workspace, inputs: { 'matrix-key': key }, env: { GITHUB_RUN_ID: run } });
}

test('six jobs at the same time end in one comment with six sections, and six check runs', async () => {
  const steps = await Promise.all(REGIONS.map((region, i) => leg(region, i === 2 ? 0.2 : 0.1)));
  expect(steps.map(({ code }) => code)).toEqual([0, 0, 1, 0, 0, 0]);
  expect(steps.flatMap(({ annotations }) => annotations.filter(({ level }) => level === 'warning'))).toEqual(
    [],
  );
  expect(github.state.comments).toHaveLength(1);
  const text = github.state.comments[0]?.body ?? '';
  expect([...readLegs(text).keys()].sort()).toEqual(REGIONS);
  const commit = (await project.git('rev-parse', 'HEAD')).slice(0, 7);
  expect(text).toContain(`### \`flights\` at \`${commit}\`: 1 failed, 5 passed`);
  expect(text).toContain('| `eu-west` | **fail** |');
  expect(text).toContain('### `flights` (`eu-west`) does not pass its gate');
  expect(github.state.checks.map(({ name }) => name).sort()).toEqual(
    REGIONS.map((region) => `Sluice: flights (${region})`),
  );
  expect(github.state.checks.map(({ conclusion }) => conclusion)).not.toContain(null);
});

test('a job that runs again replaces its own section and no other; an older run replaces nothing', async () => {
  await leg('eu', 0.2);
  await leg('us', 0.2);
  await leg('eu', 0.1, '43');
  expect(github.state.comments[0]?.body).toContain('1 failed, 1 passed');
  const older = await leg('eu', 0.2, '41');
  expect(older.code).toBe(1);
  expect(older.stdout).toContain('A later run has written its verdict into the comment');
  expect(github.state.comments[0]?.body).toContain('1 failed, 1 passed');
});

test('two comments that were made at the same moment become the older one', async () => {
  await leg('eu', 0.2);
  const [first] = github.state.comments;
  github.state.addComment(7, (first?.body ?? '').replaceAll('"eu"', '"us"'), {
    login: 'github-actions[bot]',
    type: 'Bot',
  });
  await leg('ap', 0.1);
  expect(github.state.comments.map(({ id }) => id)).toEqual([first?.id]);
  expect([...readLegs(first?.body ?? '').keys()].sort()).toEqual(['ap', 'eu', 'us']);
});

test('jobs that share a key are told to have one each, and the worse verdict stays', async () => {
  await leg('', 0.2);
  const second = await leg('', 0.1);
  expect(second.annotations).toMatchObject([
    { level: 'warning', message: expect.stringContaining('matrix-key: ${{ strategy.job-index }}') },
  ]);
  expect(github.state.comments[0]?.body).toContain('does not pass its gate');
});

test.each(['<!-- x', 'a"b', '-->', 'a'.repeat(33), ' '])('the key %j is refused', async (key) => {
  await project.candidate(0.1);
  const step = await project.gate({ inputs: { 'matrix-key': key } });
  expect(step).toMatchObject(
    key.trim() === '' ? { code: 0 } : { code: 1, outputs: { 'reason-code': 'bad-input' } },
  );
});
