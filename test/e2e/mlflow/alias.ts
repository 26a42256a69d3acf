/* eslint-disable jest/no-export -- a suite that runs against the server of mlflow.test.ts */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runBlock, shellBlocks } from '@sluice/testing/shell-blocks.ts';
import { startSetting, type Setting } from './setting.ts';

/** One environment with MLflow's bytes, from the first deployment on; each test goes on where the one before ended. */
export function aliasTests(url: () => string, folder: () => string): void {
  describe('deploy and rollback with MLflow', () => {
    let setting: Setting;
    const digests: string[] = [];
    beforeAll(async () => {
      setting = await startSetting(url());
      for (const weights of ['one', 'two']) {
        digests.push(await setting.project.train(weights));
        await setting.register();
      }
    });
    afterAll(() => setting.project.repository.remove());
    const served = (): Promise<string> =>
      readFile(path.join(setting.project.repository.root, 'served/current/model/weights'), 'utf8');
    const alias = async (): Promise<string | undefined> =>
      (await setting.rest.aliases(setting.name))['production'];

    test('registering moves no alias', async () => {
      expect(await alias()).toBeUndefined();
    });

    test('deploy fetches the bytes from MLflow, verified, and moves the alias', async () => {
      for (const [version, weights] of [
        ['v1.0.0', 'one'],
        ['v2.0.0', 'two'],
      ] as const) {
        const step = await setting.run('deploy', { version });
        expect(step.outputs).toMatchObject({ 'reason-code': 'not-verified', version });
        expect(await served()).toBe(weights);
        expect(await alias()).toBe(version.slice(1, 2));
      }
    });

    test('the model comes with the lines of docs/consume.md, and not where the alias is wrong', async () => {
      const { workspace } = setting.project.repository;
      const [block = ''] = (await shellBlocks('docs/consume.md')).get('MLflow') ?? [];
      const env = {
        MODEL: 'flight-delay',
        REGISTERED: setting.name,
        ENVIRONMENT: 'production',
        MLFLOW_TRACKING_URI: url(),
      };
      const done = await runBlock(block, { cwd: workspace, env });
      expect({ ...done, stdout: done.stdout.split('\n').at(-2) }).toMatchObject({ code: 0, stdout: '-: OK' });
      expect(await readFile(path.join(workspace, 'model/weights'), 'utf8')).toBe('two');

      for (const folder of ['model', 'fetched']) await rm(path.join(workspace, folder), { recursive: true });
      const moved = { name: setting.name, alias: 'production', version: '1' };
      await setting.rest.send('POST', 'registered-models/alias', moved);
      expect(await runBlock(block, { cwd: workspace, env })).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('-: FAILED'),
      });
      await setting.rest.send('POST', 'registered-models/alias', { ...moved, version: '2' });
    });

    test('rollback points the alias back', async () => {
      expect((await setting.run('rollback')).outputs).toMatchObject({
        'reason-code': 'not-verified',
        version: 'v1.0.0',
      });
      expect([await served(), await alias()]).toEqual(['one', '1']);
    });

    test('an alias that somebody moved is put right by the next run', async () => {
      const moved = { name: setting.name, alias: 'production', version: '2' };
      await setting.rest.send('POST', 'registered-models/alias', moved);
      const step = await setting.run('deploy', { version: 'v1.0.0' });
      expect(step.outputs['reason-code']).toBe('already-live');
      expect(await alias()).toBe('1');
    });

    test('MLflow that is down changes nothing of a rollback but a warning', async () => {
      const step = await setting.run('rollback', { to: 'v1.0.0' }, 'http://127.0.0.1:9');
      expect(step.outputs).toMatchObject({
        decision: 'warn',
        'reason-code': 'registry-behind',
        version: 'v1.0.0',
      });
      expect(step.code).toBe(0);
      expect(step.annotations[0]?.message).toMatch(
        /alias 'production' was not moved: .*Run this step again/s,
      );
    });

    test('bytes that were changed in MLflow are never served', async () => {
      const digest = await setting.project.train('as it was registered');
      await setting.register();
      const artifacts = path.join(folder(), 'artifacts');
      const files = await readdir(artifacts, { recursive: true });
      const weights = await Promise.all(
        files
          .filter((f) => f.endsWith('model/weights'))
          .map(async (f) => [f, await readFile(path.join(artifacts, f), 'utf8')] as const),
      );
      const changed = weights.filter(([, content]) => content === 'as it was registered').map(([f]) => f);
      expect(changed).toHaveLength(1);
      await writeFile(path.join(artifacts, changed[0] ?? ''), 'something else');
      const step = await setting.run('deploy', { version: 'v3.0.0' });
      expect(step.outputs['decision']).toBe('fail');
      expect(step.annotations.at(-1)?.message).toMatch(
        new RegExp(`model/weights|weights.*was changed.*sha256:${digest}`, 's'),
      );
      expect(await served()).toBe('one');
      expect(await alias()).toBe('1');
      // What it says to do: the bytes are stored anew.
      expect(step.annotations.at(-1)?.message).toContain('delete the logged model in MLflow, and register');
      const { source } = (
        (await setting.rest.get('model-versions/get', { name: setting.name, version: '3' })) as {
          model_version: { source: string };
        }
      ).model_version;
      await setting.rest.send('DELETE', `logged-models/${source.replace('models:/', '')}`, {});
      await setting.register();
      // The bytes are there again, and MLflow keeps pointing its version at the logged model that is gone.
      const after = await setting.run('deploy', { version: 'v3.0.0' });
      expect(after.outputs).toMatchObject({ 'reason-code': 'registry-behind', version: 'v3.0.0' });
      expect(await served()).toBe('as it was registered');
    });
  });
}
