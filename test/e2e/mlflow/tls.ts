/* eslint-disable jest/no-export -- a suite that runs against the server of mlflow.test.ts */
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@sluice/testing/action.ts';
import { expectRefused } from '@sluice/testing/refused.ts';
import { startProxy, type FaultyProxy } from '@sluice/testing/mlflow/proxy.ts';
import { PYTHON } from '@sluice/testing/mlflow/server.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { startSetting, type Setting } from './setting.ts';

const TOKEN = 'dapi-0123456789abcdef';

export function tlsTests(url: () => string): void {
  describe('MLflow behind HTTPS with an authority of its own, which wants a certificate of its clients', () => {
    let authority: string;
    let client: string;
    let proxy: FaultyProxy;
    let setting: Setting;
    beforeAll(async () => {
      const folder = await temporaryFolder('certificates');
      await promisify(execFile)(PYTHON, [path.join(ROOT, 'packages/testing/certificates.py'), folder]);
      authority = path.join(folder, 'authority.pem');
      client = path.join(folder, 'client.pem');
      const server = await readFile(path.join(folder, 'server.pem'), 'utf8');
      const ca = await readFile(authority, 'utf8');
      proxy = await startProxy(url(), undefined, { cert: server, key: server, ca, requestCert: true });
    });
    afterAll(() => proxy.close());
    beforeEach(async () => {
      proxy.clear();
      setting = await startSetting(url());
      await setting.project.train('one');
    });
    afterEach(() => setting.project.repository.remove());

    test('with both certificates named, all goes as it does without', async () => {
      const env = { MLFLOW_TRACKING_SERVER_CERT_PATH: authority, MLFLOW_TRACKING_CLIENT_CERT_PATH: client };
      const step = await setting.register({}, { url: proxy.url, env });
      expect(step.outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
      expect(proxy.seen.some(({ call }) => /POST .*model-versions\/create/.test(call))).toBe(true);
    });

    test('without the check of the server too, when the team says so', async () => {
      const env = { MLFLOW_TRACKING_INSECURE_TLS: 'true', MLFLOW_TRACKING_CLIENT_CERT_PATH: client };
      const step = await setting.register({}, { url: proxy.url, env });
      expect(step.outputs).toMatchObject({ decision: 'pass' });
    });

    test.each([
      [
        'an authority that nobody named',
        () => ({ MLFLOW_TRACKING_CLIENT_CERT_PATH: client }),
        /SELF_SIGNED_CERT_IN_CHAIN.*MLFLOW_TRACKING_SERVER_CERT_PATH/,
      ],
      [
        'no certificate of the client',
        () => ({ MLFLOW_TRACKING_SERVER_CERT_PATH: authority }),
        /CERTIFICATE_REQUIRED.*MLFLOW_TRACKING_CLIENT_CERT_PATH/,
      ],
    ])('%s is refused, and the variable named', async (_what, env, says) => {
      const step = await setting.register({}, { url: proxy.url, env: env() });
      await expectRefused(setting.project, step, 'service-unavailable', says);
      expect(proxy.seen).toEqual([]);
    });

    test('a workspace of Databricks is found by its host and gets its token, which is shown nowhere', async () => {
      const step = await setting.register(
        {},
        {
          url: 'databricks',
          env: {
            DATABRICKS_HOST: proxy.url.replace('https://', ''),
            DATABRICKS_TOKEN: TOKEN,
            MLFLOW_TRACKING_SERVER_CERT_PATH: authority,
            MLFLOW_TRACKING_CLIENT_CERT_PATH: client,
          },
        },
      );
      expect(step.outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0' });
      expect(new Set(proxy.seen.map(({ headers }) => headers.authorization))).toEqual(
        new Set([`Bearer ${TOKEN}`]),
      );
      const shown = step.stdout.split('\n').filter((line) => line.includes(TOKEN));
      expect(shown).toEqual([`::add-mask::${TOKEN}`]);
    });
  });
}
