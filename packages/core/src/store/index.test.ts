import { describe, expect, test } from '@jest/globals';
import { silentLog } from '@sluice/testing/log.ts';
import { openAt } from '@sluice/testing/store-address.ts';
import { openStore } from './index.ts';
import type { Store } from './store.ts';

const STEP = {
  GITHUB_REPOSITORY: 'acme/flights',
  MLFLOW_TRACKING_URI: 'http://127.0.0.1:1',
};

/** Opens a store as a step in /checkout does. */
function open(uri: string, env: Readonly<NodeJS.ProcessEnv> = STEP): Store {
  return openStore(uri, {
    base: '/checkout',
    env,
    log: silentLog,
    token: undefined,
    site: () => {
      throw new Error('no other store asks for the MLflow server');
    },
  });
}

describe('the URI of a store', () => {
  test.each([
    ['dir:/srv/models', 'dir:/srv/models'],
    ['dir:///srv/models', 'dir:/srv/models'],
    ['dir:models', 'dir:/checkout/models'],
    ['s3://models', 's3://models'],
    ['s3://models/', 's3://models'],
    ['s3://models/team a/', 's3://models/team a'],
    ['release:', 'release:acme/flights'],
    ['release:acme/models', 'release:acme/models'],
  ])('%s is written into the ledger as %s, and nothing is asked yet', (given, recorded) => {
    expect(open(given).uri).toBe(recorded);
  });

  test('mlflow: takes the server of the step', () => {
    expect(openAt({ uri: 'mlflow:', env: STEP }, { log: silentLog }).uri).toBe('mlflow:');
    expect(() => openAt({ uri: 'mlflow:', env: {} }, { log: silentLog })).toThrow(/MLFLOW_TRACKING_URI/);
  });

  test.each([
    ['', /Known are dir:\/path \(a folder .*\), s3:\/\/bucket\/prefix .*, release: .*, mlflow: /],
    ['/srv/models', /Known are dir:\/path/],
    ['gs://bucket', /Known are dir:\/path/],
    ['toString:', /Known are dir:\/path/],
    ['DIR:/srv', /Known are dir:\/path/],
    ['dir:', /names no folder.*dir:\/path/],
    ['s3:/models', /Write s3:\/\/bucket\/prefix/],
    ['s3://My_Models/x', /no name of a bucket/],
    ['release:models', /Write release:owner\/name, .* is 'acme\/flights'/],
    ['mlflow://server', /Write mlflow: alone/],
  ])('%s is refused at once', (uri, message) => {
    expect(() => open(uri)).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config', message: expect.stringMatching(message) }),
    );
  });

  test('release: is no store without a repository, nor on another forge', () => {
    expect(() => open('release:', {})).toThrow(/GITHUB_REPOSITORY, which is not set/);
    const gitea = { ...STEP, GITHUB_API_URL: 'https://git.example.com/api/v1' };
    expect(() => open('release:', gitea)).toThrow(/is not GitHub/);
  });
});
