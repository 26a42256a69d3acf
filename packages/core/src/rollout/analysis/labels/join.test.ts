import { expect, test } from '@jest/globals';
import { joinLabels, type Recorded } from './join.ts';

const ARMS = { candidate: 'v2.0.0', stable: 'v1.0.0' };
const recorded = (version: string, predictions: Readonly<Record<string, unknown>>): Recorded[] =>
  Object.entries(predictions).map(([id, prediction]) => ({ id, version, prediction }));

test('right and wrong predictions of both versions, and what was left out', () => {
  const joined = joinLabels(
    [
      ...recorded('v2.0.0', { a: 'late', b: 'late', c: 'late' }),
      ...recorded('v1.0.0', { a: 'late', b: 'in time', d: 'late' }),
      ...recorded('v0.1.0', { a: 'in time' }),
    ],
    new Map([
      ['a', 'late'],
      ['b', 'in time'],
      ['x', 'late'],
    ]),
    ARMS,
    0,
  );
  expect(joined).toEqual({
    observation: {
      kind: 'samples',
      candidate: { kind: 'proportion', n: 2, hits: 1 },
      stable: { kind: 'proportion', n: 2, hits: 2 },
    },
    unlabelled: 2,
    unpredicted: 1,
    message:
      '2 predictions of v2.0.0 have a label, and 2 of v1.0.0; 2 recorded predictions have none, and 1 labels are of no prediction of v2.0.0.',
  });
});

test('without any label of the candidate there is no data', () => {
  const joined = joinLabels(recorded('v2.0.0', { a: 1 }), new Map([['b', '1']]), ARMS, 0);
  expect(joined.observation).toEqual({ kind: 'no-data', message: joined.message });
});

test.each([
  [1, '1.0', 0, true],
  [1, '0', 0, false],
  ['1', '1', 0, true],
  [true, 'True', 0, true],
  [false, 'true', 0, false],
  [10.4, '10', 0.5, true],
  [10.6, '10', 0.5, false],
  ['late', 'Late', 0, false],
  ['', '0', 0, false],
  [null, '', 0, false],
  [[1], '[1]', 0, true],
])('%p for the label %p', (prediction, label, tolerance, isRight) => {
  const { observation } = joinLabels(
    recorded('v2.0.0', { a: prediction }),
    new Map([['a', label]]),
    { candidate: 'v2.0.0' },
    tolerance,
  );
  expect(observation).toMatchObject({ candidate: { n: 1, hits: isRight ? 1 : 0 } });
});
