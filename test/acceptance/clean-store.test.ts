import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile, readdir, utimes } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { ROOT } from '@sluice/testing/action.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';

jest.setTimeout(120_000);

const FOLDER = path.join(ROOT, 'action-templates/clean-store');
const TWO_DAYS_MS = 2 * 86_400_000;

let project: Project;
afterEach(() => project.repository.remove());

/** Runs the step of the composite action, as it stands there. */
async function clean(
  store: string,
  remove: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; said: string }> {
  const { runs } = parse(await readFile(path.join(FOLDER, 'action.yml'), 'utf8')) as {
    runs: { steps: [{ run: string; env: object }] };
  };
  const [step] = runs.steps;
  expect(Object.keys(step.env)).toEqual(['MODEL', 'STORE', 'REMOVE', 'GITHUB_TOKEN']);
  const options = {
    cwd: project.repository.workspace,
    env: {
      PATH: process.env['PATH'],
      HOME: project.repository.root,
      GITHUB_ACTION_PATH: FOLDER,
      MODEL: 'flight-delay',
      STORE: store,
      REMOVE: remove.join('\n'),
      ...env,
    },
  };
  try {
    const { stdout } = await promisify(execFile)('bash', ['-e', '-c', step.run], options);
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

/** Puts a model into the store whose registration breaks off before its tag is there. */
async function breakOff(weights: string, ...how: Parameters<Project['register']>): Promise<string> {
  const { repository } = project;
  await repository.hook('pre-receive', '#!/bin/sh\nexit 1\n');
  const digest = await project.train(weights);
  expect(await project.register(...how)).toMatchObject({
    code: 1,
    outputs: { 'reason-code': 'no-permission' },
  });
  await repository.hook('pre-receive', '#!/bin/sh\nexit 0\n');
  return digest;
}

describe('a store in a folder', () => {
  beforeEach(async () => {
    project = await startProject();
  });
  const store = (): string => `dir:${project.store}`;
  const stored = async (): Promise<string[]> =>
    (await readdir(path.join(project.store, 'flight-delay/sha256'))).sort();

  /** Makes everything of an entry look as if it was written two days ago. */
  async function age(digest: string): Promise<void> {
    const entry = path.join(project.store, 'flight-delay/sha256', digest);
    const at = new Date(Date.now() - TWO_DAYS_MS);
    for (const name of ['.', ...(await readdir(entry, { recursive: true }))])
      await utimes(path.join(entry, name), at, at);
  }

  test('loses what no tag names, and that was listed, and is named, and nothing else', async () => {
    const registered: string[] = [];
    for (const weights of ['one', 'two']) {
      registered.push(await project.train(weights));
      expect(await project.register()).toMatchObject({ code: 0 });
    }
    const { repository } = project;
    const commit = await repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}');
    await repository.tag('flight-delay@v1.0.0!', { commit, time: new Date(), message: 'retired' });
    const [old, young] = [await breakOff('three'), await breakOff('four')];
    for (const digest of [...registered, old]) await age(digest);
    const all = await stored();
    expect(all).toHaveLength(4);

    const listed = await clean(store());
    expect(listed.code).toBe(0);
    expect(listed.said).toMatch(/has 4 models of flight-delay; tags name 2\.\n1 changed within a day/);
    expect(listed.said.match(/[0-9a-f]{64}/g)).toEqual([old]);

    for (const digest of [...registered, young, 'f'.repeat(64)]) {
      const refused = await clean(store(), [old, digest]);
      expect(refused).toMatchObject({ code: 1, said: expect.stringContaining(`there: ${digest}`) });
    }
    await repository.remoteGit('update-ref', 'refs/sluice/rollouts/flight-delay/production', 'main');
    expect(await clean(store(), [old])).toMatchObject({
      code: 1,
      said: expect.stringContaining('A rollout of flight-delay is running or died'),
    });
    await repository.remoteGit('update-ref', '-d', 'refs/sluice/rollouts/flight-delay/production');
    expect(await clean(store(), ['../..'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('no digest'),
    });
    expect(await stored()).toEqual(all);

    const removed = await clean(store(), [`sha256:${old}`]);
    expect(removed).toMatchObject({ code: 0, said: expect.stringContaining(`Removed ${old}.`) });
    expect(await stored()).toEqual(all.filter((digest) => digest !== old));
    expect((await clean(store())).said).toContain('Nothing is to be removed.');
    expect(await repository.git('for-each-ref', 'refs/sluice-clean')).toBe('');
    // What was removed by mistake comes back by registering it.
    await project.train('three');
    expect(await project.register()).toMatchObject({ code: 0, outputs: { version: 'v3.0.0' } });
  });

  test('is left alone where the repository has no tag of the model', async () => {
    await age(await breakOff('one'));
    const step = await clean(store());
    expect(step).toMatchObject({
      code: 1,
      said: expect.stringMatching(/no tag of flight-delay.*Nothing was done/),
    });
    expect(await clean('mlflow:')).toMatchObject({ code: 1, said: expect.stringContaining('README.md') });
  });
});

test('a store in releases loses the release and its tag', async () => {
  project = await startProject(`version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 'release:' }
`);
  const { repository } = project;
  const github = new GitHubDouble({ permissions: { contents: 'write' } });
  await github.start();
  try {
    const env = { ...github.env, GITHUB_TOKEN: 'ghs_test' };
    const how = [{ 'github-token': 'ghs_test' }, { env: github.env }] as const;
    const kept = await project.train('one');
    expect(await project.register(...how)).toMatchObject({ code: 0 });
    const old = await breakOff('two', ...how);
    for (const digest of [kept, old])
      await repository.remoteGit('tag', `flight-delay/sha256/${digest}`, 'main');
    for (const release of github.state.releases.stored) {
      release.createdAt = new Date(Date.now() - TWO_DAYS_MS);
    }
    expect((await clean('release:', [], env)).said.match(/[0-9a-f]{64}/g)).toEqual([old]);
    expect(await clean('release:', [kept], env)).toMatchObject({ code: 1 });
    expect(await clean('release:', [old], env)).toMatchObject({ code: 0 });
    const tags = github.state.releases.stored.map(({ tag }) => tag);
    expect(tags).toEqual([`flight-delay/sha256/${kept}`]);
    expect(await repository.tags()).toEqual([...tags, 'flight-delay@v1.0.0']);
    expect(github.violations).toEqual([]);
  } finally {
    await github.stop();
  }
});
