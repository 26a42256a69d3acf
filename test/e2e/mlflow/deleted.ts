/* eslint-disable jest/no-export -- a suite that runs against the server of mlflow.test.ts */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { PYTHON } from '@sluice/testing/mlflow/server.ts';
import type { StepResult } from '@sluice/testing/action.ts';
import { startSetting, type Setting } from './setting.ts';

interface Version {
  readonly run_id: string;
  readonly source: string;
}

/** What a person may delete in MLflow's pages; each time the step that failed says what to do, and that helps. */
export function deletedTests(url: () => string, folder: () => string): void {
  describe('after somebody deleted', () => {
    let setting: Setting;
    beforeEach(async () => {
      setting = await startSetting(url());
      await setting.project.train('one');
      expect((await setting.register()).outputs).toMatchObject({ version: 'v1.0.0' });
    });
    afterEach(() => setting.project.repository.remove());

    const versionOne = async (): Promise<Version> =>
      (
        (await setting.rest.get('model-versions/get', { name: setting.name, version: '1' })) as {
          model_version: Version;
        }
      ).model_version;
    const deleteRun = async (): Promise<string> => {
      const { run_id: id } = await versionOne();
      await setting.rest.send('POST', 'runs/delete', { run_id: id });
      return id;
    };
    const deleteModel = async (): Promise<void> => {
      const { source } = await versionOne();
      await setting.rest.send('DELETE', `logged-models/${source.replace('models:/', '')}`, {});
    };
    const collect = async (id: string): Promise<void> => {
      await promisify(execFile)(
        PYTHON,
        [
          ...['-m', 'mlflow', 'gc', '--run-ids', id, '--tracking-uri', url()],
          ...['--backend-store-uri', `sqlite:///${folder()}/mlflow.db`],
          ...['--artifacts-destination', path.join(folder(), 'artifacts')],
        ],
        { cwd: folder(), env: { ...process.env, HOME: folder() } },
      );
    };
    const served = (): Promise<string> =>
      readFile(path.join(setting.project.repository.root, 'served/current/model/weights'), 'utf8');
    const said = ({ annotations }: StepResult): string =>
      annotations.map(({ message }) => message).join('\n');

    test('the run: it is deployed nevertheless, and the next run takes it out of the bin', async () => {
      await deleteRun();
      expect((await setting.run('deploy')).outputs).toMatchObject({
        'reason-code': 'not-verified',
        version: 'v1.0.0',
      });
      const again = await setting.register();
      expect(again.outputs).toMatchObject({ 'reason-code': 'already-registered', version: 'v1.0.0' });
      expect(said(again)).toContain("it was taken out of MLflow's bin");
      expect(await setting.rest.runs(setting.name)).toHaveLength(1);
    });

    test('the run of a registration that broke off', async () => {
      const { repository } = setting.project;
      await setting.project.train('two');
      await repository.hook('pre-receive', '#!/bin/sh\nexit 1\n');
      expect((await setting.register()).outputs).toMatchObject({ 'reason-code': 'no-permission' });
      await repository.hook('pre-receive', '#!/bin/sh\nexit 0\n');
      const runs = await setting.rest.runs(setting.name);
      const { run_id: first } = await versionOne();
      await setting.rest.send('POST', 'runs/delete', { run_id: runs.find((id) => id !== first) });
      expect((await setting.register()).outputs).toMatchObject({ decision: 'pass', version: 'v2.0.0' });
      expect((await setting.run('deploy')).outputs).toMatchObject({
        'reason-code': 'not-verified',
        version: 'v2.0.0',
      });
      expect(await served()).toBe('two');
    });

    test('the run, and mlflow gc went over it: the same bytes are a new version', async () => {
      await collect(await deleteRun());
      const gone = await setting.run('deploy');
      expect(gone.outputs).toMatchObject({ 'reason-code': 'missing-file' });
      expect(said(gone)).toContain('register-model brings them back');
      await setting.project.train('one', 'PASSED', 'WARNED');
      const again = await setting.register();
      expect(again.outputs).toMatchObject({ 'reason-code': 'restored', version: 'v2.0.0', created: 'true' });
      expect((await setting.run('deploy')).outputs).toMatchObject({
        'reason-code': 'not-verified',
        version: 'v2.0.0',
      });
      expect([await served(), await setting.rest.aliases(setting.name)]).toEqual([
        'one',
        { production: '2' },
      ]);
    });

    test('the logged model: the bytes come back, and what MLflow cannot mend is said', async () => {
      await deleteModel();
      const gone = await setting.run('deploy');
      expect(gone.outputs).toMatchObject({ 'reason-code': 'missing-file' });
      const again = await setting.register();
      expect(again.outputs).toMatchObject({
        decision: 'warn',
        'reason-code': 'registry-behind',
        version: 'v1.0.0',
      });
      expect(said(again)).toMatch(/version 1 of \S+ names the logged model .* take v1\.0\.0 out of use/);
      const deployed = await setting.run('deploy');
      expect(deployed.outputs).toMatchObject({ 'reason-code': 'registry-behind', version: 'v1.0.0' });
      expect(said(deployed)).toMatch(/production points at version 1, whose logged model was deleted/);
      expect(await served()).toBe('one');
      // The way out that it names.
      const { repository } = setting.project;
      const commit = await repository.remoteGit('rev-parse', 'flight-delay@v1.0.0^{commit}');
      const time = new Date(Date.now() + 60_000);
      await repository.tag('flight-delay@v1.0.0!', { commit, time, message: 'retired' });
      expect((await setting.register()).outputs).toMatchObject({
        'reason-code': 'retired-bytes',
        version: 'v2.0.0',
      });
      const released = await setting.run('deploy', { 'release-quarantine': 'true' });
      expect(released.outputs).toMatchObject({ 'reason-code': 'not-verified', version: 'v2.0.0' });
      expect(await setting.rest.aliases(setting.name)).toEqual({ production: '2' });
    });

    test('the version: deploy goes by the ledger, and new versions agree again', async () => {
      await setting.rest.send('DELETE', 'model-versions/delete', { name: setting.name, version: '1' });
      expect((await setting.run('deploy')).outputs).toMatchObject({
        decision: 'warn',
        'reason-code': 'registry-behind',
        version: 'v1.0.0',
      });
      expect(await served()).toBe('one');
      const again = await setting.register();
      expect(again.outputs).toMatchObject({ 'reason-code': 'registry-behind', version: 'v1.0.0' });
      expect(said(again)).toContain('new versions agree again');
      await setting.project.train('two');
      const next = await setting.register();
      expect(next.outputs).toMatchObject({ decision: 'pass', 'reason-code': 'ok' });
      expect((await setting.run('deploy')).outputs).toMatchObject({ 'reason-code': 'not-verified' });
      const number = next.outputs['version']?.slice(1).split('.')[0];
      expect(await setting.rest.aliases(setting.name)).toEqual({ production: number });
    });

    test('files of the model on the server: they are brought back', async () => {
      const { source } = await versionOne();
      const id = source.replace('models:/', '');
      const found = (await setting.rest.get(`logged-models/${id}`)) as {
        model: { info: { artifact_uri: string } };
      };
      const place = found.model.info.artifact_uri.replace(/^mlflow-artifacts:\/*/, '');
      await rm(path.join(folder(), 'artifacts', place, 'model/weights'));
      expect((await setting.run('deploy')).outputs).toMatchObject({ 'reason-code': 'missing-file' });
      expect((await setting.register()).outputs).toMatchObject({
        'reason-code': 'restored',
        version: 'v1.0.0',
      });
      expect((await setting.run('deploy')).outputs).toMatchObject({
        'reason-code': 'not-verified',
        version: 'v1.0.0',
      });
      expect(await served()).toBe('one');
    });
  });
}
