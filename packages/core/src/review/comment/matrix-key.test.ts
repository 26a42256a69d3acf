import { expect, test } from '@jest/globals';
import { parseMatrixKey } from './matrix-key.ts';

test.each(['a', 'eu-west-1', 'py 3.12, linux', 'a/b:c=d+e_f', 'x'.repeat(32)])("'%s' is a key", (key) => {
  expect(parseMatrixKey(key)).toBe(key);
});

test.each(['', ' a', 'a ', '-a', 'a-', 'a"b', 'a-->b', 'a\nb', 'é', 'x'.repeat(33)])(
  "'%s' is none",
  (key) => {
    expect(() => parseMatrixKey(key)).toThrow(`Input 'matrix-key' is '${key}'. Allowed: 1 to 32 letters`);
  },
);

test('without a matrix the key is empty', () => {
  expect(parseMatrixKey(undefined)).toBe('');
});
