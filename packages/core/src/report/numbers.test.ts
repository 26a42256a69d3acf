import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatAge, formatApart, formatChange, formatNumber } from './numbers.ts';

test.each([
  [0.71, '0.7100'],
  [0, '0.0000'],
  [-0.5, '−0.5000'],
  [79.96, '79.96'],
  [1234567.891, '1,234,567.9'],
  [0.00012345, '0.000123'],
  [1e-300, '1e-300'],
])('formatNumber(%d) is %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

describe('formatApart', () => {
  test('a failing value is never shown as its limit', () => {
    expect(formatApart(0.69999, 0.7)).toEqual(['0.69999', '0.70000']);
    expect(formatApart(80.001, 80)).toEqual(['80.001', '80.000']);
  });

  test('different numbers have different texts', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const [x, y] = formatApart(a, b);
        expect(x === y).toBe(a === b);
      }),
    );
  });
});

test.each([
  [0.0123, '+0.0123'],
  [-0.0123, '−0.0123'],
  [0, '±0'],
  [1e-9, '+0.00000000100'],
])('formatChange(%d) is %s', (value, text) => {
  expect(formatChange(value)).toBe(text);
});

test.each([
  [5, '5 seconds'],
  [60, '1 minute'],
  [7200, '2 hours'],
  [3 * 86_400 + 5, '3 days'],
])('%d s is %s', (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});
