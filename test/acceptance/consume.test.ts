import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { digestModel } from '@sluice/core/digest/model.ts';
import { runStep } from '@sluice/testing/action.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';
import { startProject } from '@sluice/testing/project.ts';
import { runBlock, shellBlocks, type BlockResult } from '@sluice/testing/shell-blocks.ts';

jest.setTimeout(60_000);

const blocks = await shellBlocks('docs/consume.md');
const blockUnder = (heading: string, index = 0): string => {
  const block = blocks.get(heading)?.[index];
  if (block === undefined) throw new Error(`docs/consume.md has no such block under '${heading}'`);
  return block;
};

/** What somebody who may write into the store can do to a model in it. */
const HARMS = [
  function changed(model: string): Promise<void> {
    return writeFile(path.join(model, 'model.json'), '{"bias": 7}\n');
  },
  function oneMore(model: string): Promise<void> {
    return writeFile(path.join(model, 'more.py'), '');
  },
  function linkMore(model: string): Promise<void> {
    return symlink('model.json', path.join(model, 'more.json'));
  },
  function gone(model: string): Promise<void> {
    return rm(path.join(model, 'golden.jsonl'));
  },
];

describe('the lines for a folder', () => {
  let production: Production;
  let workspace: string;
  beforeEach(async () => {
    production = await startProduction();
    const { repository } = production;
    await repository.commit('Configure');
    workspace = await repository.clone('--depth=1', '--no-tags');
  });
  afterEach(() => production.remove());

  const run = (
    block = blockUnder('A folder'),
    more: Readonly<Record<string, string>> = {},
  ): Promise<BlockResult> =>
    runBlock(block, {
      cwd: workspace,
      env: { MODEL: 'flight-delay', ENVIRONMENT: 'production', STORE: production.store, ...more },
    });
  const fetched = async (): Promise<unknown> =>
    JSON.parse(await readFile(path.join(workspace, 'model/model.json'), 'utf8'));

  test('bring what is live, also after a rollback, and nothing that was deregistered', async () => {
    for (const bias of [1, 2]) {
      await production.register({ bias });
      expect(await production.run('deploy')).toMatchObject({ code: 0 });
    }
    expect(await run()).toMatchObject({ code: 0, stdout: '-: OK\n' });
    expect(await fetched()).toEqual({ bias: 2 });

    await rm(path.join(workspace, 'model'), { recursive: true });
    expect(await production.run('rollback', { reason: 'predicts nonsense' })).toMatchObject({ code: 0 });
    expect(await run()).toMatchObject({ code: 0, stdout: '-: OK\n' });
    expect(await fetched()).toEqual({ bias: 1 });

    await rm(path.join(workspace, 'model'), { recursive: true });
    const { repository } = production;
    const commit = await repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}');
    await repository.tag('flight-delay@v1.0.0!', { commit, time: new Date(), message: 'retired' });
    expect((await run()).code).not.toBe(0);
    await expect(fetched()).rejects.toThrow('ENOENT');
  });

  test('bring a version by its name', async () => {
    await production.register({ bias: 1 });
    const [fetchTags = '', , , copy = '', verify = ''] = blockUnder('A folder').split('\n');
    const digest = blockUnder('One version, and a model of one file');
    const named = [fetchTags, digest, copy, verify].join('\n');
    expect(await run(named, { VERSION: 'v1.0.0' })).toMatchObject({ code: 0, stdout: '-: OK\n' });
    expect(await fetched()).toEqual({ bias: 1 });
  });

  test('prove a model of one file', async () => {
    const file = path.join(workspace, 'model/weights.bin');
    await mkdir(path.dirname(file));
    await writeFile(file, 'one');
    const { sha256: digest } = await digestModel(file);
    const block = blockUnder('One version, and a model of one file', 1);
    expect(await run(block, { digest })).toMatchObject({ code: 0, stdout: '-: OK\n' });
    await writeFile(file, 'two');
    expect(await run(block, { digest })).toMatchObject({ code: 1 });
  });

  test('end with an error where nothing is live', async () => {
    expect((await run()).code).not.toBe(0);
    await production.register({ bias: 1 });
    expect((await run()).code).not.toBe(0);
    await expect(fetched()).rejects.toThrow('ENOENT');
  });

  test('say so when a byte or a name is another one', async () => {
    const { digest } = await production.register({ bias: 1 });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
    const stored = path.join(production.store, 'flight-delay/sha256', digest, 'model');
    await cp(stored, `${stored}-whole`, { recursive: true });
    for (const harm of HARMS) {
      await rm(path.join(workspace, 'model'), { recursive: true, force: true });
      await rm(stored, { recursive: true });
      await cp(`${stored}-whole`, stored, { recursive: true });
      await harm(stored);
      expect([harm.name, await run()]).toEqual([
        harm.name,
        expect.objectContaining({ code: 1, stdout: '-: FAILED\n' }),
      ]);
    }
  });
});

const CONFIG = `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 'release:' }
environments:
  production: { target: { type: directory, path: '\${SERVED}' } }
`;

test('the lines for releases bring folders within the model too, and the token goes to GitHub alone', async () => {
  const github = new GitHubDouble({ permissions: { contents: 'write' } });
  await github.start();
  const project = await startProject(CONFIG);
  const { workspace, root } = project.repository;
  const token = { 'github-token': 'ghs_test' };
  const env = { ...github.env, SERVED: path.join(root, 'served') };
  try {
    await project.train('one');
    expect(await project.register(token, { env })).toMatchObject({ code: 0 });
    expect(await runStep('deploy', { workspace, inputs: token, env })).toMatchObject({ code: 0 });
    github.state.permit({ contents: 'read' });

    const cwd = path.join(root, 'elsewhere');
    await mkdir(cwd);
    await project.repository.git('worktree', 'add', '--quiet', '--detach', path.join(cwd, 'checkout'));
    const done = await runBlock(blockUnder('Releases on GitHub'), {
      cwd: path.join(cwd, 'checkout'),
      env: { ...github.env, GITHUB_TOKEN: 'ghs_test', MODEL: 'flight-delay', ENVIRONMENT: 'production' },
    });
    expect(done).toMatchObject({ code: 0, stdout: '-: OK\n' });
    expect(await readFile(path.join(cwd, 'checkout/model/weights'), 'utf8')).toBe('one');
    expect(await readFile(path.join(cwd, 'checkout/model/meta/info.json'), 'utf8')).toBe('{}');
  } finally {
    await project.repository.remove();
    await github.stop();
  }
  expect(github.violations).toEqual([]);
});
