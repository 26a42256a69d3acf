import { expect, test } from '@jest/globals';
import { countingAnalysis } from './counting.ts';
import { errorsOf } from './counts.ts';
import type { Window } from './kind.ts';

const MINUTE = 60_000;
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
const windowAt = (minute: number, weight = 10): Window => ({
  since: at(minute),
  ms: MINUTE,
  arms: { candidate: { version: 'v2.0.0', weight }, stable: { version: 'v1.0.0', weight: 100 - weight } },
});

/** An analysis that counts something from the given call on, and the windows that it was asked for, in minutes. */
function counting(from: number) {
  const asked: [since: number, minutes: number][] = [];
  const analysis = countingAnalysis({ provider: 'http' }, ({ since, ms }) => {
    asked.push([(since.getTime() - at(0).getTime()) / MINUTE, ms / MINUTE]);
    return Promise.resolve(
      asked.length < from
        ? { kind: 'no-data', message: 'nothing' }
        : errorsOf({ requests: 5, errors: 1 }, undefined),
    );
  });
  const sample = (window: Window) => analysis.sample(window, new AbortController().signal);
  return { asked, sample };
}

test('a window without samples is asked for again together with the next, and what was counted is not', async () => {
  const { asked, sample } = counting(3);
  for (const minute of [0, 1, 2, 3]) await sample(windowAt(minute));
  expect(asked).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [3, 1],
  ]);
});

test('a window of another split of the traffic stands by itself', async () => {
  const { asked, sample } = counting(9);
  await sample(windowAt(0));
  await sample(windowAt(1, 25));
  expect(asked).toEqual([
    [0, 1],
    [1, 1],
  ]);
});

test('no more than an hour is asked for', async () => {
  const { asked, sample } = counting(9);
  await sample(windowAt(0));
  await sample(windowAt(120));
  expect(asked.at(-1)).toEqual([61, 60]);
});
