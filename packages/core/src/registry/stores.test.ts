import { describe, expect, test } from '@jest/globals';
import { silentLog } from '@sluice/testing/log.ts';
import { allowedStores, openStoreOf } from './stores.ts';

const step = {
  base: '/checkout/project',
  env: { BUCKET: 'models', GITHUB_REPOSITORY: 'acme/flights' },
  log: silentLog,
  token: undefined,
  site: () => {
    throw new Error('no server is needed to know an address');
  },
};
const open = (store: string, section: Parameters<typeof allowedStores>[0], defaultStore?: string) =>
  openStoreOf({ tag: 'm@v9.0.0', version: 'v9.0.0', store }, allowedStores(section, defaultStore), step);

describe('the store that a tag names', () => {
  test.each([
    ['the configured one', 'dir:/srv/models', { store: 'dir:/srv/models/' }],
    [
      'the configured one, written relative to the file',
      'dir:/checkout/project/store',
      { store: 'dir:store' },
    ],
    ['the configured one, with a variable', 's3://models/flights', { store: 's3://${BUCKET}/flights' }],
    ['the configured one, in its short form', 'release:acme/flights', { store: 'release:' }],
    ['a former one', 'dir:/old', { store: 'release:', 'former-stores': ['s3://old/models', 'dir:/old'] }],
    ['any, where none is configured', 'dir:/elsewhere', {}],
  ])('may be %s', (_what, store, section) => {
    expect(open(store, section).uri).toBe(store);
  });

  test.each([
    ['dir:/eve', { store: 'dir:/srv/models' }, undefined],
    ['dir:/srv/models/../eve', { store: 'dir:/srv/models' }, undefined],
    ['release:eve/flights', { store: 'release:' }, undefined],
    ['s3://models/flights-2', { store: 's3://models/flights' }, undefined],
    ['dir:/eve', {}, 'dir:/srv/models'],
    ['dir:/eve', { 'former-stores': ['dir:/srv/models'] }, undefined],
  ])('is refused by name when it is %s', (store, section, defaultStore) => {
    expect(() => open(store, section, defaultStore)).toThrow(
      expect.objectContaining({
        reasonCode: 'evidence-mismatch',
        decision: 'fail',
        message: expect.stringMatching(
          /^Tag m@v9\.0\.0 says .* but sluice\.yaml allows .* registry\.former-stores/,
        ),
      }),
    );
  });

  test('cannot be judged without a variable that the configured one needs', () => {
    expect(() => open('dir:/srv', { store: 'dir:${ROOT}' })).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-config',
        message: expect.stringContaining('ROOT is not set'),
      }),
    );
  });
});
