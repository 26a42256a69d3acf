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
const open = (
  store: string | undefined,
  section: Parameters<typeof allowedStores>[0],
  defaultStore?: string,
) => openStoreOf({ tag: 'm@v9.0.0', version: 'v9.0.0', store }, allowedStores(section, defaultStore), step);

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
    ['dir:/eve', {}, 'dir:/srv/models'],
    ['dir:/eve', { 'former-stores': ['dir:/srv/models'] }, undefined],
  ])('is never opened when it is %s', async (store, section, defaultStore) => {
    const opened = open(store, section, defaultStore);
    expect(opened.uris).toEqual(['dir:/srv/models']);
    await expect(opened.has('m', 'a'.repeat(64))).rejects.toMatchObject({
      reasonCode: 'evidence-mismatch',
      decision: 'fail',
      message: expect.stringMatching(
        /^Tag m@v9\.0\.0 says .* in dir:\/\S*eve, which sluice\.yaml does not name, .* registry\.former-stores/,
      ),
    });
  });

  test.each([
    ['release:eve/flights', { store: 'release:' }, ['release:acme/flights']],
    ['s3://models/flights-2', { store: 's3://models/flights' }, ['s3://models/flights']],
    [
      'dir:/old',
      { store: 'dir:/new', 'former-stores': ['s3://old', 'dir:/old'] },
      ['dir:/old', 'dir:/new', 's3://old'],
    ],
    [undefined, { store: 'dir:/new', 'former-stores': ['dir:/old'] }, ['dir:/new', 'dir:/old']],
  ])('%s is looked for in what sluice.yaml names: %j', (store, section, uris) => {
    expect(open(store, section).uris).toEqual(uris);
  });

  test('that neither the tag nor sluice.yaml names is asked for', () => {
    expect(() => open(undefined, {})).toThrow(/no Store trailer.*registry\.store/);
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
