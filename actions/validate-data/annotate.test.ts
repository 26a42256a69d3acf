import { expect, test } from '@jest/globals';
import type { RuleResult } from '@sluice/core/data/rule-result.ts';
import { annotate } from './annotate.ts';
import type { Context } from './context.ts';

type Warning = [text: string, properties: Readonly<Record<string, unknown>>];

const CONTRACT = { name: 'contract.odcs.yaml', lineOf: () => 12 };

function annotated(rules: readonly RuleResult[], contract?: typeof CONTRACT): Warning[] {
  const warnings: Warning[] = [];
  const log = { warning: (text: string, properties = {}) => void warnings.push([text, properties]) };
  annotate({ workspace: '/w', log } as unknown as Context, rules, contract as never);
  return warnings;
}

const rule = (more: Partial<RuleResult> = {}): RuleResult => ({
  id: 'x.required',
  dataSet: 'train',
  kind: 'required',
  verdict: 'fail',
  severity: 'fail',
  places: [],
  message: '1 of 10 rows has no x.',
  ...more,
});
const file = { path: 'data/train.csv', absolute: '/w/data/train.csv', bytes: 1, sha256: '' };
const TITLE = 'fail: x.required (train)';

test('a row of a text file is annotated where it stands', () => {
  expect(annotated([rule({ places: [{ file, row: 3, line: 4 }], path: ['schema', 0] })], CONTRACT)).toEqual([
    [
      '1 of 10 rows has no x. First: row 3 of data/train.csv.',
      { title: TITLE, file: 'data/train.csv', line: 4 },
    ],
  ]);
});

test('a row of a file without lines, and a rule without rows, are annotated in the contract', () => {
  const place = { title: TITLE, file: 'contract.odcs.yaml', line: 12 };
  expect(annotated([rule({ places: [{ file, row: 3 }], path: ['schema', 0] })], CONTRACT)).toEqual([
    ['1 of 10 rows has no x. First: row 3 of data/train.csv.', place],
  ]);
  expect(annotated([rule({ path: ['schema', 0] })], CONTRACT)).toEqual([['1 of 10 rows has no x.', place]]);
});

test('what has no place anywhere is annotated without one', () => {
  expect(annotated([rule()], CONTRACT)).toEqual([['1 of 10 rows has no x.', { title: TITLE }]]);
  expect(annotated([rule({ path: ['schema', 0] })])).toEqual([['1 of 10 rows has no x.', { title: TITLE }]]);
});

test('what holds is not annotated, and one annotation is left for the verdict', () => {
  const some = [rule({ verdict: 'pass' }), rule({ verdict: 'info' }), rule({ verdict: 'warn' })];
  expect(annotated(some).map(([, { title }]) => title)).toEqual(['warn: x.required (train)']);
  expect(annotated(Array.from({ length: 12 }, () => rule()))).toHaveLength(9);
});
