/* eslint-disable jest/no-export -- a suite that runs against the server of mlflow.test.ts */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { expectRefused } from '@sluice/testing/refused.ts';
import { startProxy, type Fault, type FaultyProxy } from '@sluice/testing/mlflow/proxy.ts';
import { startSetting, type Setting } from './setting.ts';

const TOKEN = 'tok-0123456789abcdef';

const text = (status: number, body: string, type = 'text/plain'): Fault => ({
  kind: 'answer',
  status,
  type,
  body,
});
const page = text(200, '<!doctype html><title>Sign in</title>', 'text/html');

/** Everything that makes something new in MLflow. */
const CREATES = [
  /POST .*\/experiments\/create/,
  /POST .*\/runs\/create/,
  /POST .*\/logged-models$/,
  /POST .*\/runs\/outputs/,
  /PUT .*\/mlflow-artifacts\/artifacts\//,
  /POST .*\/registered-models\/create/,
  /POST .*\/model-versions\/create/,
];

export function faultTests(url: () => string): void {
  describe('a bad line to MLflow', () => {
    let proxy: FaultyProxy;
    let setting: Setting;
    beforeAll(async () => {
      proxy = await startProxy(url());
    });
    afterAll(() => proxy.close());
    beforeEach(async () => {
      proxy.clear();
      setting = await startSetting(url());
      await setting.project.train('one');
    });
    afterEach(() => setting.project.repository.remove());
    const register = (): ReturnType<Setting['register']> =>
      setting.register({}, { url: proxy.url, env: { MLFLOW_TRACKING_TOKEN: TOKEN } });

    test('every creation whose answer is lost is made once', async () => {
      for (const call of CREATES) proxy.fail(call, { kind: 'lose-answer' });
      const step = await register();
      expect(step.outputs).toMatchObject({ decision: 'pass', 'reason-code': 'ok', version: 'v1.0.0' });
      expect(await setting.rest.runs(setting.name)).toHaveLength(1);
      expect((await setting.rest.versions(setting.name)).map((v) => v.version)).toEqual(['1']);
      const answer = (await setting.rest.send('POST', 'logged-models/search', {
        experiment_ids: [String((step.result['mlflow'] as Record<string, unknown>)['experiment-id'])],
      })) as { models: unknown[] };
      expect(answer.models).toHaveLength(1);
      const sent = proxy.seen.map(({ call }) => call);
      for (const call of CREATES.filter((one) => !one.source.startsWith('PUT')))
        expect(sent.filter((one) => call.test(one))).toHaveLength(
          call.source.includes('registered-models') ? 2 : 1,
        );
    });

    test('a burst of errors and resets is sat out', async () => {
      proxy.fail(/runs\/search/, text(503, 'upstream is restarting'), 2);
      proxy.fail(/log-batch/, { kind: 'reset' }, 2);
      proxy.fail(/model-versions\/create/, text(502, 'Bad Gateway'), 1);
      expect((await register()).outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
    });

    test('what stays down ends the step with nothing in the ledger, and the next run finishes', async () => {
      proxy.fail(/model-versions\/create/, { kind: 'reset' }, 9);
      const step = await register();
      expect(step.outputs).toMatchObject({ decision: 'error', 'reason-code': 'service-unavailable' });
      expect(await setting.project.repository.tags()).toEqual([]);
      proxy.clear();
      expect((await register()).outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
      expect(await setting.rest.runs(setting.name)).toHaveLength(1);
    });

    test.each([
      ['a sign-in page', /./, page, 'service-unavailable', /web page.*SLUICE_MLFLOW_HEADERS/],
      [
        'a wrong token',
        /./,
        text(401, 'You are not authenticated.'),
        'no-permission',
        /MLFLOW_TRACKING_TOKEN/,
      ],
      [
        'a server for artifacts alone',
        /get-by-name/,
        text(503, 'disabled in `--artifacts-only` mode'),
        'service-unavailable',
        /--artifacts-only/,
      ],
      [
        'a proxy that takes no large files',
        /PUT/,
        text(413, 'too large'),
        'service-unavailable',
        /client_max_body_size/,
      ],
      [
        'an answer that is none',
        /get-by-name/,
        text(200, '{"experiment": 7}', 'application/json'),
        'service-unavailable',
        /cannot be understood.*MLflow 3/,
      ],
    ])(
      '%s is explained, not retried for ever, and shows no secret',
      async (_what, call, fault, reason, says) => {
        proxy.fail(call, fault, 99);
        const step = await register();
        await expectRefused(setting.project, step, reason, says);
        const shown = step.stdout.split('\n').filter((line) => line.includes(TOKEN));
        expect(shown).toEqual([`::add-mask::${TOKEN}`]);
        expect(proxy.seen.length).toBeLessThan(30);
        expect(proxy.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
      },
    );

    test('a host name that the real server does not know', async () => {
      const named = await startProxy(url(), 'mlflow:5000');
      try {
        const step = await setting.register({}, { url: named.url });
        await expectRefused(
          setting.project,
          step,
          'no-permission',
          /does not accept the host name.*--allowed-hosts/,
        );
      } finally {
        await named.close();
      }
    });

    test('a version that MLflow registers in the background is waited for', async () => {
      const pending = JSON.stringify({ model_version: { version: '1', status: 'PENDING_REGISTRATION' } });
      proxy.fail(/model-versions\/get\b/, text(200, pending, 'application/json'), 1);
      proxy.alter(/model-versions\/create/, (body) => body.replace('"READY"', '"PENDING_REGISTRATION"'));
      expect((await register()).outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
      expect(proxy.seen.filter(({ call }) => /model-versions\/get\b/.test(call))).toHaveLength(2);
    });

    test('other parameters for the same bytes are a warning', async () => {
      await register();
      const [run = ''] = await setting.rest.runs(setting.name);
      await setting.rest.send('DELETE', 'registered-models/delete', { name: setting.name });
      const { repository } = setting.project;
      const file = path.join(repository.workspace, '.sluice/evidence/train.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"trees":10', '"trees":11'));
      const again = await register();
      expect(again.outputs['decision']).toBe('pass');
      const warned = again.annotations.map(({ message }) => message).join(' ');
      expect(warned).toMatch(/has the parameter trees = 10 and never changes it; now it is 11/);
      expect(await setting.rest.runs(setting.name)).toEqual([run]);
    });
  });
}
