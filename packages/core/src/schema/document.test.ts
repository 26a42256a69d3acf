import { describe, expect, test } from '@jest/globals';
import { LIMITS } from '../action/limits.ts';
import { readDocument, readValue } from './document.ts';

const fault = (text: string): string | undefined => readDocument(text, LIMITS.settings).fault;

describe('a text that is too large is refused by its limit', () => {
  test('bytes', () => {
    const keys = Array.from({ length: 200_000 }, (_, i) => `key${i}: 1\n`).join('');
    expect(fault(keys)).toBe(`has ${keys.length} bytes; at most 1048576 (1 MiB) are read. Shorten it.`);
  });

  test('lines', () => {
    expect(fault(`a: "${'x\n'.repeat(60_000)}"`)).toBe(
      'has 60001 lines; at most 50000 are read. Shorten it.',
    );
  });
});

describe('what is within the limit takes no longer than its size', () => {
  test('many keys', () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `key${i}: 1\n`).join('');
    expect(fault(keys)).toBeUndefined();
    expect(fault(`${keys}key7: 2\n`)).toBe('not valid YAML: Map keys must be unique');
  });

  test.each([
    ['lists', '['.repeat(50_000)],
    ['closed lists', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['items', `${'- '.repeat(50_000)}a`],
    ['keys', `${'? '.repeat(50_000)}a`],
    ['maps', `${'{a: '.repeat(50_000)}1${'}'.repeat(50_000)}`],
  ])('%s in each other', (_what, text) => {
    expect(fault(text)).toBe('not valid YAML: it is nested too deeply');
  });

  test('aliases of aliases', () => {
    const levels = Array.from({ length: 60 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`);
    expect(() => readValue(`a0: &a0 [x, x]\n${levels.join('')}`, LIMITS.settings)).toThrow(
      'Excessive alias count',
    );
  });
});

test('the place of a key that is repeated is the second', () => {
  expect(readDocument('a: {b: 1, c: 2, b: 3}', LIMITS.settings)).toMatchObject({ offset: 16 });
  expect(readDocument('a: {b: 1}\nb: {b: 1}', LIMITS.settings).fault).toBeUndefined();
});
