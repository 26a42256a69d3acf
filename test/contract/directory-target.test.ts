import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { stepLog } from '@sluice/core/action/log.ts';
import { openDirectory } from '@sluice/core/serving/targets/directory/target.ts';
import { testRelease } from './serving-target.ts';

const signal = new AbortController().signal;
const order = { fence: { number: 1, owner: 'a' } };
let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-target-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

const makeRelease = (version: string, bias: number) => testRelease(scratch, version, bias);

describe('the folder of a directory target', () => {
  const fresh = async () => {
    const root = await mkdtemp(path.join(scratch, 'folder-'));
    const step = { model: 'flight-delay', environment: 'production', env: {}, log: stepLog };
    return { root, step, target: openDirectory({ root, keep: 2, servers: [] }, step) };
  };

  test('is of one model and environment', async () => {
    const { root, step, target } = await fresh();
    await target.stage(await makeRelease('v1.0.0', 1), signal);
    expect(JSON.parse(await readFile(path.join(root, 'owner.json'), 'utf8'))).toEqual({
      model: 'flight-delay',
      environment: 'production',
    });
    for (const other of [{ environment: 'staging' }, { model: 'fraud' }]) {
      const another = openDirectory({ root, keep: 2, servers: [] }, { ...step, ...other });
      await expect(another.stage(await makeRelease('v2.0.0', 2), signal)).rejects.toMatchObject({
        reasonCode: 'bad-config',
        message: expect.stringContaining('it is that of flight-delay in production') as unknown,
      });
      await expect(another.shift({ shares: [] }, order, signal)).rejects.toThrow(
        'Give each model and environment a folder of its own',
      );
    }
    await rm(path.join(root, 'owner.json'));
    const next = openDirectory({ root, keep: 2, servers: [] }, { ...step, environment: 'staging' });
    expect(await next.stage(await makeRelease('v2.0.0', 2), signal)).toMatchObject({ reused: false });
  });

  test('loses what runs left that were killed', async () => {
    const { root, target } = await fresh();
    await mkdir(path.join(root, 'releases/.staging-dead/model'), { recursive: true });
    await symlink('releases/v9.0.0', path.join(root, '.current-dead'));
    await target.stage(await makeRelease('v1.0.0', 1), signal);
    expect(await readdir(path.join(root, 'releases'))).toEqual(['v1.0.0']);
    expect((await readdir(root)).sort()).toEqual(['owner.json', 'releases']);
    await mkdir(path.join(root, 'releases/.staging-dead-replaced'));
    await target.retire([]);
    expect(await readdir(path.join(root, 'releases'))).toEqual(['v1.0.0']);
  });

  test('is what servers rely on', async () => {
    const { root, target } = await fresh();
    const release = await makeRelease('v1.0.0', 1);
    await target.stage(release, signal);
    await target.shift({ shares: [{ version: 'v1.0.0', weight: 100 }] }, order, signal);
    expect(await readlink(path.join(root, 'current'))).toBe('releases/v1.0.0');
    expect(JSON.parse(await readFile(path.join(root, 'current/release.json'), 'utf8'))).toEqual({
      model: 'flight-delay',
      version: 'v1.0.0',
      'model-digest': release.modelDigest,
    });
    expect(await readdir(path.join(root, 'releases'))).toEqual(['v1.0.0']);
  });

  test('heals a release whose bytes were changed', async () => {
    const { root, target } = await fresh();
    const release = await makeRelease('v1.0.0', 1);
    await target.stage(release, signal);
    await writeFile(path.join(root, 'releases/v1.0.0/model/model.json'), '{"bias": 99}');
    expect(await target.holds('v1.0.0', release.modelDigest)).toBe(false);
    expect((await target.stage(release, signal)).reused).toBe(false);
    expect(await target.holds('v1.0.0', release.modelDigest)).toBe(true);
  });

  test('refuses fetched bytes with another digest and leaves nothing behind', async () => {
    const { root, target } = await fresh();
    const release = { ...(await makeRelease('v1.0.0', 1)), modelDigest: 'ab'.repeat(32) };
    await expect(target.stage(release, signal)).rejects.toMatchObject({ reasonCode: 'evidence-mismatch' });
    expect(await readdir(path.join(root, 'releases'))).toEqual([]);
  });

  test('refuses a `current` that is no link of ours', async () => {
    const { root, target } = await fresh();
    await mkdir(path.join(root, 'current'));
    await expect(target.live(signal)).rejects.toMatchObject({ reasonCode: 'bad-config' });
  });

  test('keeps as many releases as asked, the newest ones', async () => {
    const { root, target } = await fresh();
    for (const version of ['v1.0.0', 'v2.0.0', 'v3.0.0', 'v4.0.0']) {
      await target.stage(await makeRelease(version, 1), signal);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await target.shift({ shares: [{ version: 'v1.0.0', weight: 100 }] }, order, signal);
    expect(await target.retire([])).toEqual(['v3.0.0', 'v2.0.0']);
    expect((await readdir(path.join(root, 'releases'))).sort()).toEqual(['v1.0.0', 'v4.0.0']);
  });

  test('never makes a folder of what is no version', async () => {
    const { target } = await fresh();
    const release = { ...(await makeRelease('v1.0.0', 1)), version: '../../etc' };
    await expect(target.stage(release, signal)).rejects.toMatchObject({ reasonCode: 'bad-input' });
    expect(await target.holds('../../etc', release.modelDigest)).toBe(false);
  });
});
