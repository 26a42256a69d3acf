import { describe, expect, test } from '@jest/globals';
import type { VersionRecord } from '../ledger/state.ts';
import { baselineEntry, baselineLines, baselineNotes } from './entry.ts';
import type { FoundBaseline } from './found.ts';

const registeredAt = new Date('2026-01-02T03:04:05Z');
const record: VersionRecord = {
  version: 'v1.2.3',
  tag: 'm@v1.2.3',
  commit: 'abc',
  registeredAt,
  active: true,
  trailers: new Map([['Run', 'https://example.org/run/1']]),
};
const version: FoundBaseline = { kind: 'version', record, source: 'latest', skipped: [] };
const file: FoundBaseline = { kind: 'file', path: 'a.csv', source: 'file:a.csv', skipped: [] };
const none: FoundBaseline = { kind: 'none', tried: ['champion: no remote'] };

test('the result names a version with its age, and a file with its source alone', () => {
  expect(baselineEntry(version, registeredAt.getTime() + 60_000)).toEqual({
    source: 'latest',
    version: 'v1.2.3',
    commit: 'abc',
    'age-seconds': 60,
    run: 'https://example.org/run/1',
    'commits-behind': null,
  });
  expect(baselineEntry(file, 0)).toMatchObject({ source: 'file:a.csv', version: null, 'age-seconds': null });
  expect(baselineEntry(none, 0)).toBeNull();
});

test('the log says where the baseline comes from', () => {
  expect(baselineLines({ ...version, commitsBehind: 2 })).toEqual([
    'Baseline: v1.2.3 from latest, commit abc, registered 2026-01-02T03:04:05.000Z',
    '  fallback: 2 commits before the merge base',
    '  run: https://example.org/run/1',
  ]);
  expect(baselineLines(none)).toEqual(['There is no baseline:', '  champion: no remote']);
});

describe('the report notes', () => {
  test('nothing of a version that was the first choice', () => {
    expect(baselineNotes(version, { text: '30d', ms: 1 })).toEqual([]);
  });

  test('what was passed over, and why an older version stands in', () => {
    const found = { ...version, skipped: ['champion: no remote'], why: 'the run has not ended' };
    expect(baselineNotes(found, undefined)).toEqual([
      'The baseline is not the first choice. champion: no remote.',
      'The baseline is older than the merge base: the run has not ended.',
    ]);
  });

  test('that the age of a file is not known, where an age is asked for', () => {
    expect(baselineNotes(file, { text: '30d', ms: 1 })).toEqual([
      'How old the numbers of file:a.csv are is not known, so gate.max-age (30d) was not applied.',
    ]);
    expect(baselineNotes(file, undefined)).toEqual([]);
  });
});
