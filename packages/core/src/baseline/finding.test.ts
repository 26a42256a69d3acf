import { expect, test } from '@jest/globals';
import { stepLog } from '../action/log.ts';
import type { VersionRecord } from '../ledger/state.ts';
import { findBaseline } from './finding.ts';
import type { FoundBaseline } from './found.ts';
import type { BaselineSettings } from './settings.ts';
import type { BaselineSource } from './sources/index.ts';
import type { Nothing, SourceAnswer } from './sources/source.ts';

const YEAR_MS = 365 * 86_400_000;
const young: VersionRecord = {
  version: 'v2.0.0',
  tag: 'm@v2.0.0',
  commit: 'c',
  registeredAt: new Date(),
  active: true,
  trailers: new Map(),
};
const old = { ...young, version: 'v1.0.0', registeredAt: new Date(Date.now() - YEAR_MS) };

const source = (text: string, answer: SourceAnswer): BaselineSource => ({
  text,
  find: () => Promise.resolve(answer),
});

async function find(settings: Partial<BaselineSettings>): Promise<FoundBaseline> {
  const { signal } = new AbortController();
  return findBaseline(
    {
      sources: [],
      championEnvironment: 'production',
      onMissing: 'warn',
      onDifferentTestSet: 'fail',
      evaluateAt: 'today',
      ...settings,
    },
    {
      context: { inputs: {}, env: {}, workspace: '/w', directory: '/w', log: stepLog, signal },
      readLedger: () => Promise.resolve('not asked'),
      pull: undefined,
      mayRegister: () => Promise.resolve(true),
      base: '/w',
      scratch: '/s',
      testData: undefined,
    },
  );
}

test('the first source that has a baseline is taken, and why each before it has none is kept', async () => {
  const sources = [
    source('champion', { kind: 'nothing', why: 'nothing is live in production' }),
    source('latest', { kind: 'version', record: young }),
    source('file:a.csv', { kind: 'file', path: 'a.csv' }),
  ];
  expect(await find({ sources })).toEqual({
    kind: 'version',
    record: young,
    source: 'latest',
    skipped: ['champion: nothing is live in production'],
  });
});

test('a version that is too old is passed over, a file has no age', async () => {
  const sources = [
    source('champion', { kind: 'version', record: old }),
    source('file:a.csv', { kind: 'file', path: 'a.csv' }),
  ];
  expect(await find({ sources, maxAge: { text: '30d', ms: YEAR_MS / 12 } })).toEqual({
    kind: 'file',
    path: 'a.csv',
    source: 'file:a.csv',
    skipped: [expect.stringMatching(/^champion: v1\.0\.0 is .* old, gate\.max-age is 30d$/)],
  });
});

test('files that were given win over every source', async () => {
  const metrics = { what: "input 'baseline-metrics'", given: 'm.json', base: '/w' };
  const sources = [source('latest', { kind: 'version', record: young })];
  expect(await find({ sources, metrics })).toEqual({ kind: 'given', source: 'baseline files' });
});

const nothing = (why: string, more: Partial<Nothing> = {}): Nothing => ({ kind: 'nothing', why, ...more });

test('without a baseline every reason is told, and whether one may still come', async () => {
  const never = (why: string): Nothing => nothing(why, { never: 'There is no remote.' });
  const sources = [source('champion', never('no remote')), source('latest', never('no version'))];
  const tried = ['champion: no remote', 'latest: no version'];
  expect(await find({ sources })).toEqual({ kind: 'none', tried, never: 'There is no remote.' });
  const hopeful = [...sources, source('base:m.json', nothing('not there'))];
  expect(await find({ sources: hopeful })).not.toHaveProperty('never');
});

test('what is usual is not told of a baseline that was found', async () => {
  const sources = [
    source('champion', nothing('nothing is live in production', { isUsual: true })),
    source('latest', { kind: 'version', record: young }),
  ];
  expect(await find({ sources })).toMatchObject({ source: 'latest', skipped: [] });
});
