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
  outputs: { model: { absolute: '/project/out', name: 'out', what: 'train.model-path' } },
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
const plan = (settings: TrainSettings, recorded: Recorded): CachePlan =>
  planCache(settings, recorded, { kind: 'service' });
const BASE = keyOf(plan(SETTINGS, RECORDED));

test.each<[string, Partial<TrainSettings>, Partial<Recorded>]>([
  ['command', { command: { ...SETTINGS.command, argv: ['python', 'train.py', ''] } }, {}],
  ['folder', { command: { ...SETTINGS.command, cwd: '/project/sub' } }, {}],
  ['outputs', { outputs: { model: { ...SETTINGS.outputs.model, name: 'other' } } }, {}],
  ['sources', {}, { sources: set('other') }],
  ['data', {}, { data: set('other') }],
  ['params', {}, { params: set('other') }],
  ['environment-files', {}, { environment: set('other') }],
  ['dvc.lock', {}, { lock: set('other') }],
  ['python', {}, { python: '3.13.0' }],
  ['platform', {}, { platform: 'linux-arm64' }],
])('a change of %s is another key, and named as the change', (part, settings, recorded) => {
  const changed = plan({ ...SETTINGS, ...settings }, { ...RECORDED, ...recorded });
  expect(keyOf(changed)).not.toBe(BASE);
  expect(changedParts(plan(SETTINGS, RECORDED).parts, changed.parts)).toEqual([part]);
});

test('what does not matter to the result does not matter to the key', () => {
  const settings = { ...SETTINGS, model: 'other', timeoutMs: 2 };
  const checkout = { kind: 'git', commit: 'abc', dirty: true, tracked: [] } as const;
  expect(keyOf(plan(settings, { ...RECORDED, checkout }))).toBe(BASE);
});

test('arguments cannot be shifted into one another', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
      const key = (argv: string[]): string =>
        keyOf(plan({ ...SETTINGS, command: { ...SETTINGS.command, argv } }, RECORDED));
      expect(key(a) === key(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test.each<[string, Partial<TrainSettings>, Partial<Recorded>]>([
  ['switched off', { cache: false }, {}],
  ['code is not known', {}, { sources: undefined }],
  ['data is not known', {}, { data: undefined }],
])('off: %s', (why, settings, recorded) => {
  const changed = plan({ ...SETTINGS, ...settings }, { ...RECORDED, ...recorded });
  expect(changed).toMatchObject({ kind: 'off', why: expect.stringContaining(why) });
});

test('dvc.lock says which data it is', () => {
  expect(plan(SETTINGS, { ...RECORDED, data: undefined, lock: set('lock') }).kind).toBe('on');
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
