import { expect, test } from '@jest/globals';
import { parseAge, parseDuration } from './duration.ts';

test.each([
  ['80ms', 80],
  ['1.5s', 1500],
  ['45m', 2_700_000],
  ['576h', 2_073_600_000],
  ['2d', 172_800_000],
])('%s', (text, milliseconds) => {
  expect(parseDuration(text, 'train.timeout')).toBe(milliseconds);
});

test.each(['30', 's', '-1s', '1w', '1 s', ''])('%p is no duration', (text) => {
  expect(() => parseDuration(text, 'train.timeout')).toThrow(
    `train.timeout is '${text}'. Write a number with`,
  );
});

test.each(['0s', '0.0ms', '600h', '30d', `${'9'.repeat(400)}h`])(
  '%p is no time to wait: a timer would go off at once',
  (text) => {
    expect(() => parseDuration(text, 'train.timeout')).toThrow('more than zero and at most 576h');
  },
);

test('an age may be longer than a timer can wait', () => {
  expect(parseAge('30d', 'gate.max-age')).toBe(2_592_000_000);
});

test.each(['0d', '30', '-1d', 'd', `${'9'.repeat(400)}d`])('%p is no age', (text) => {
  expect(() => parseAge(text, 'gate.max-age')).toThrow(`gate.max-age is '${text}'. Write`);
});
