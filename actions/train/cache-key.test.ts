import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FileSet } from '@sluice/core/data/files.ts';
import { changedParts, planCache, type CachePlan } from './cache-key.ts';
import type { TrainSettings } from './inputs.ts';
import type { Recorded } from './recorded.ts';

const set = (digest: string): FileSet => ({
  files: [{ path: 'x', absolute: '/x', bytes: 1, sha256: digest }],
  bytes: 1,
  digest,
});
const SETTINGS: TrainSettings = {
  model: 'toy',
  command: { argv: ['python', 'train.py'], cwd: '/project', place: 'train.run' },
  base: '/project',
  files: {},
  namesTrainingData: true,
  outputs: { model: { absolute: '/project/out', name: 'out', what: 'train.model-path' }, others: [] },
  cache: true,
  timeoutMs: 1,
};
const RECORDED: Recorded = {
  checkout: { kind: 'none', why: '' },
  sources: set('sources'),
  data: set('data'),
  s3: { files: new Map(), notes: [] },
  params: set('params'),
  paramValues: {},
  environment: set('environment'),
  lock: { files: [], bytes: 0, digest: '' },
  python: '3.12.1',
  platform: 'linux-x64',
};

function keyOf(plan: CachePlan): string {
  if (plan.kind === 'off') throw new Error(plan.why);
  return plan.key;
}
const plan = (settings: TrainSettings, recorded: Recorded): Promise<CachePlan> =>
  planCache(settings, recorded, () => Promise.resolve({ kind: 'service' }));
const BASE = keyOf(await plan(SETTINGS, RECORDED));

test.each<[string, Partial<TrainSettings>, Partial<Recorded>]>([
  ['command', { command: { ...SETTINGS.command, argv: ['python', 'train.py', ''] } }, {}],
  ['folder', { command: { ...SETTINGS.command, cwd: '/project/sub' } }, {}],
  ['outputs', { outputs: { ...SETTINGS.outputs, model: { ...SETTINGS.outputs.model, name: 'other' } } }, {}],
  ['outputs', { outputs: { ...SETTINGS.outputs, others: [{ absolute: '/x', name: 'x', what: '' }] } }, {}],
  ['sources', {}, { sources: set('other') }],
  ['data', {}, { data: set('other') }],
  ['params', {}, { params: set('other') }],
  ['environment-files', {}, { environment: set('other') }],
  ['dvc.lock', {}, { lock: set('other') }],
  ['python', {}, { python: '3.13.0' }],
  ['platform', {}, { platform: 'linux-arm64' }],
])('a change of %s is another key, and named as the change', async (part, settings, recorded) => {
  const changed = await plan({ ...SETTINGS, ...settings }, { ...RECORDED, ...recorded });
  expect(keyOf(changed)).not.toBe(BASE);
  expect(changedParts((await plan(SETTINGS, RECORDED)).parts, changed.parts)).toEqual([part]);
});

test('what does not matter to the result does not matter to the key', async () => {
  const settings = { ...SETTINGS, model: 'other', timeoutMs: 2 };
  const checkout = { kind: 'git', commit: 'abc', dirty: true, tracked: [] } as const;
  expect(keyOf(await plan(settings, { ...RECORDED, checkout }))).toBe(BASE);
});

test('arguments cannot be shifted into one another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string()), fc.array(fc.string()), async (a, b) => {
      const key = async (argv: string[]): Promise<string> =>
        keyOf(await plan({ ...SETTINGS, command: { ...SETTINGS.command, argv } }, RECORDED));
      expect((await key(a)) === (await key(b))).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test.each<[string, Partial<TrainSettings>, Partial<Recorded>]>([
  ['switched off', { cache: false }, {}],
  ['code is not known', {}, { sources: undefined }],
  ['nobody says what the command is trained on', { namesTrainingData: false }, {}],
  ['nobody says what the command is trained on', { namesTrainingData: false }, { lock: set('lock') }],
])('off, and no place is looked for: %s', async (why, settings, recorded) => {
  const found = planCache({ ...SETTINGS, ...settings }, { ...RECORDED, ...recorded }, () => {
    throw new Error('A place was looked for.');
  });
  expect(await found).toMatchObject({ kind: 'off', why: expect.stringContaining(why) });
});

test('off where there is no place', async () => {
  const found = planCache(SETTINGS, RECORDED, () => Promise.resolve({ kind: 'none', why: 'no place' }));
  expect(await found).toMatchObject({ kind: 'off', why: 'no place' });
});

test('changes are the same in number from either side, and none between equals', () => {
  const parts = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2'));
  fc.assert(
    fc.property(parts, parts, (before, now) => {
      expect(changedParts(before, now)).toEqual(changedParts(now, before));
      expect(changedParts(before, before)).toEqual([]);
    }),
  );
});
