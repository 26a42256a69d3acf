import { expect, test } from '@jest/globals';
import { deriveState } from '@sluice/core/ledger/derive-state.ts';
import type { VersionRecord } from '@sluice/core/ledger/state.ts';
import { diffRows, diffSections } from './diff.ts';

const tag = (name: string, commit: string, seconds: number, ...trailers: string[]) => ({
  name,
  commit,
  time: new Date(seconds * 1000),
  tagger: 'Ada',
  message: `A sentence.\n\n${trailers.join('\n')}\n`,
});
const state = deriveState('m', [
  tag(
    'm@v1.0.0',
    'c1',
    1,
    `Model-Digest: sha256:${'a'.repeat(64)}`,
    'Metrics: {"auc": 0.7}',
    `Code: ${'1'.repeat(40)}`,
    'Data: {"a.csv": "sha256:11", "b.csv": "sha256:22"}',
    'Parameters: {"depth": 3}',
  ),
  tag('m#prod#1', 'c1', 2, 'Reason: first', 'Actor: ada'),
  tag(
    'm@v2.0.0',
    'c2',
    3,
    `Model-Digest: sha256:${'b'.repeat(64)}`,
    'Metrics: {"auc": 0.8, "loss": 1}',
    `Code: ${'2'.repeat(40)}`,
    'Data: {"a.csv": "sha256:11", "b.csv": "sha256:33"}',
    'Parameters: {"depth": 3}',
    'Left-Out: {"Data": 4}',
  ),
  tag('m#prod#2', 'c2', 4, 'Reason: better | faster'),
]);
const [first] = state.versions as [VersionRecord];

test('what is live and what would be stand side by side', () => {
  const rows = diffRows(state, 'prod', 'v2.0.0', first);
  expect(rows.map(({ name, now, after }) => [name, now, after])).toEqual([
    ['version', 'v2.0.0', 'v1.0.0'],
    ['model digest', `sha256:${'b'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
    ['commit', '2'.repeat(40), '1'.repeat(40)],
    ['registered', '1970-01-01T00:00:03.000Z', '1970-01-01T00:00:01.000Z'],
    ['last put live', '1970-01-01T00:00:04.000Z', '1970-01-01T00:00:02.000Z'],
    ['why', 'better | faster', 'first'],
    ['by', '', 'ada'],
    ['auc', '0.8', '0.7'],
    ['loss', '1', ''],
    ['data: b.csv', 'sha256:33', 'sha256:22'],
    ['data that the tag leaves out', '4', ''],
    ['parameters', 'the same 1', 'the same 1'],
  ]);
  const [shown, whole] = diffSections(rows);
  expect(shown?.markdown).toContain('| why | better &#124; faster | first |');
  expect(shown?.markdown).toContain('| auc | 0.8000 | 0.7000 |');
  expect(shown?.markdown).toContain('| registered | 1970-01-01 00:00 UTC |');
  expect(whole?.markdown).toContain('auc: 0.8 → 0.7');
});

test('where nothing is live, the column of now is empty', () => {
  expect(diffRows(state, 'staging', undefined, first).every(({ now }) => now === '')).toBe(true);
});
