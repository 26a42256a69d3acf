import { expect, it } from '@jest/globals';
import { helperEnvironment } from './helper.ts';

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
