import { expect, it } from '@jest/globals';
import { earlierPulls } from './merge-group.ts';

const [MAIN, SIX, SEVEN, EIGHT] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
  string,
];
const refOf = (number: number, base: string, branch = 'main'): string =>
  `refs/heads/gh-readonly-queue/${branch}/pr-${number}-${base}`;
const queued = { number: 8, branch: 'main', base: SEVEN };

it('follows the branches of the queue back to where it began', () => {
  const tips = new Map([
    [refOf(6, MAIN), SIX],
    [refOf(8, SEVEN), EIGHT],
    [refOf(7, SIX), SEVEN],
  ]);
  expect(earlierPulls(queued, tips)).toEqual([7, 6]);
  expect(earlierPulls({ ...queued, base: MAIN }, tips)).toEqual([]);
});

it.each<[string, [string, string][]]>([
  ['another branch', [[refOf(7, SIX, 'release'), SEVEN]]],
  ['another commit', [[refOf(7, SIX), EIGHT]]],
  ['no branch of the queue', [['refs/heads/pr-7', SEVEN]]],
  ['no number', [[refOf(7, SIX).replace('pr-7', 'pr-x'), SEVEN]]],
])('passes over %s', (_what, refs) => {
  expect(earlierPulls(queued, new Map(refs))).toEqual([]);
});

it('ends where branches lead in a circle', () => {
  const tips = new Map([
    [refOf(7, SIX), SEVEN],
    [refOf(6, SEVEN), SIX],
  ]);
  expect(earlierPulls(queued, tips)).toEqual([7, 6]);
});
