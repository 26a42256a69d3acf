import { expect, test } from '@jest/globals';
import type { FairnessFinding, FairnessResult, Group } from './settle.ts';
import { fairnessParts } from './table.ts';
import { describeFairness } from './words.ts';

const group = (name: string, value: number): Group => ({
  where: { sex: name },
  rows: 1200,
  rates: [{ kind: 'selection', value, rows: 1200, interval: [value - 0.1, value + 0.1] }],
});
const of = (fairness: FairnessFinding, verdict: FairnessResult['verdict'] = 'fail'): FairnessResult => ({
  kind: 'fairness',
  id: 'fair',
  rule: {
    kind: 'fairness',
    id: 'fair',
    fairness: 'demographic-parity',
    by: ['sex'],
    minRows: 50,
    maxDifference: 0.1,
    minRatio: 0.8,
    maxRegression: 0.05,
    severity: 'fail',
  },
  verdict,
  fairness,
});
const groups = [group('f|', 0.5), group('m', 0.25), { where: { sex: 'x' }, rows: 3, rates: [] }];
const found = { found: 'measured', groups, difference: 0.25, ratio: 0.5, needsBaseline: false } as const;
const before = { groups: [group('f|', 0.4), group('m', 0.3), groups[2] as Group], difference: 0.1 };

test.each([
  [
    of({ ...found, broken: ['max-difference', 'min-ratio'] }),
    'fair: groups by sex differ by 0.2500, and at most 0.1000 is allowed; they have a ratio of 0.5000, and at least 0.8000 is asked for.',
  ],
  [
    of({ ...found, baseline: before, broken: ['max-regression'] }),
    'fair: groups by sex differ by 0.1500 more than for the baseline (from 0.1000 to 0.2500), and 0.0500 more is allowed.',
  ],
  [
    of({ ...found, needsBaseline: true, broken: [] }, 'new-baseline'),
    'fair: groups by sex differ by 0.2500 at most, their ratio is 0.5000; there is nothing to compare them with yet.',
  ],
  [
    of({ ...found, broken: [] }, 'pass'),
    'fair: groups by sex differ by 0.2500 at most, their ratio is 0.5000.',
  ],
  [of({ found: 'error', reason: 'empty-slice', message: 'No.' }, 'error'), 'fair: No.'],
])('a sentence says how different groups are %#', (result, sentence) => {
  expect(describeFairness(result)).toBe(sentence);
});

test('the report has rate, interval and rows of each group, ten groups at most', () => {
  const text = fairnessParts([of({ ...found, broken: [] })]).news;
  expect(text).toContain('| sex | Rows | selection rate |');
  expect(text).toContain('| f&#124; | 1,200 | 0.5000 (0.4000 to 0.6000, n = 1,200) |');
  expect(text).toContain('| x | 3 | too small to judge |');
  const compared = fairnessParts([of({ ...found, baseline: before, broken: [] })]).news;
  expect(compared).toContain('| selection rate | selection rate of the baseline |');
  expect(compared).toContain(
    '| 1,200 | 0.5000 (0.4000 to 0.6000, n = 1,200) | 0.4000 (0.3000 to 0.5000, n = 1,200) |',
  );
  const many = Array.from({ length: 12 }, (_, i) => group(`g${i}`, 0.5));
  const long = fairnessParts([of({ ...found, groups: many, broken: [] })]).news;
  expect(long).toContain('… and 2 more groups');
  expect(long).not.toContain('g10');
  expect(fairnessParts([])).toEqual({ news: '', quiet: '' });
});
