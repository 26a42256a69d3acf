import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { increaseOf, type Series } from './counter.ts';

const series = (...samples: [number, number][]): Series => ({ labels: {}, samples });
const WINDOW = { since: 100, until: 160 };

test('what was scraped last before the window is where it begins', () => {
  expect(increaseOf([series([70, 40], [85, 50], [101, 55], [116, 70], [159, 80])], WINDOW)).toBe(30);
});

test('a series that is born in the window began at zero: its first error counts', () => {
  expect(increaseOf([series([130, 1])], WINDOW)).toBe(1);
});

test('a counter that falls was reset, and what it says now came since', () => {
  expect(increaseOf([series([90, 1000], [110, 1005], [125, 3], [140, 7])], WINDOW)).toBe(12);
});

test('each series is counted by itself, so that the reset of one is not lost in the sum', () => {
  expect(increaseOf([series([90, 500], [150, 510]), series([90, 400], [150, 5])], WINDOW)).toBe(15);
});

test('what was scraped after the window belongs to the next', () => {
  expect(increaseOf([series([90, 10], [150, 20], [170, 90])], WINDOW)).toBe(10);
});

test('windows one after the other count everything once', () => {
  const risen = fc.array(fc.record({ seconds: fc.integer({ min: 1, max: 30 }), by: fc.nat(50) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(risen, fc.integer({ min: 5, max: 90 }), (steps, length) => {
      let at = 0;
      let value = 0;
      const samples = steps.map(({ seconds, by }): [number, number] => [(at += seconds), (value += by)]);
      const count = Math.ceil(at / length);
      const windows = Array.from({ length: count }, (_, i) => ({
        since: i * length,
        until: (i + 1) * length,
      }));
      const sum = windows.reduce((total, window) => total + increaseOf([series(...samples)], window), 0);
      expect(sum).toBe(value);
    }),
  );
});
