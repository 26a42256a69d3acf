import { expect, test } from '@jest/globals';
import { parseDuration } from './duration.ts';

test.each([
  ['80ms', 80],
  ['1.5s', 1500],
  ['45m', 2_700_000],
  ['576h', 2_073_600_000],
])('%s', (text, milliseconds) => {
  expect(parseDuration(text, 'train.timeout')).toBe(milliseconds);
});

test.each(['30', 's', '-1s', '1d', '1 s', ''])('%p is no duration', (text) => {
  expect(() => parseDuration(text, 'train.timeout')).toThrow(
    `train.timeout is '${text}'. Write a number with`,
  );
});

test.each(['0s', '0.0ms', '600h', `${'9'.repeat(400)}h`])(
  '%p is no time to wait: a timer would go off at once',
  (text) => {
    expect(() => parseDuration(text, 'train.timeout')).toThrow('more than zero and at most 576h');
  },
);
