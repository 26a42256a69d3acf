import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, it } from '@jest/globals';
import { helperEnvironment, runHelper } from './helper.ts';

it.each([
  'INPUT_GITHUB-TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_CACHE_URL',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'MLFLOW_TRACKING_TOKEN',
  'DATABRICKS_TOKEN',
  'SLUICE_MLFLOW_HEADERS',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GITHUB_ENV',
  'GITHUB_OUTPUT',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'SOME_PASSWORD',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'PATH_OF_SECRETS',
])('keeps %s from a helper', (name) => {
  expect(helperEnvironment({ [name]: 'x' })).toEqual({});
});

it.each([
  'PATH',
  'Path',
  'HOME',
  'LC_ALL',
  'TMPDIR',
  'https_proxy',
  'HTTPS_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'SystemRoot',
])('gives %s to a helper', (name) => {
  expect(helperEnvironment({ [name]: 'x' })).toEqual({ [name]: 'x' });
});

it('gives what this helper needs and settings of one run', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-helper-'));
  const { code, output } = await runHelper(
    process.execPath,
    ['-e', 'console.log(JSON.stringify({ cwd: process.cwd(), ...process.env }))'],
    {
      env: { PATH: '/bin', npm_config_registry: 'r', OTHER: 'o' },
      also: /^npm_config_\w+$/,
      extra: { SETTING: 's' },
      folder,
      signal: new AbortController().signal,
    },
  );
  await rm(folder, { recursive: true });
  expect(code).toBe(0);
  expect(JSON.parse(output)).toEqual({ cwd: folder, PATH: '/bin', npm_config_registry: 'r', SETTING: 's' });
});
