import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isVersion, parseBoolean, parseLines, parseName, parseVersion } from './names.ts';

describe('the name of a model', () => {
  test.each(['a', 'flight-delay', 'Model_2', '9', 'x'.repeat(100)])('%s is allowed', (name) => {
    expect(parseName('model', name)).toBe(name);
  });

  test.each(['', 'a/b', 'a b', '🐢', '-a', 'a-', 'a@b', 'a#b', 'a.b', 'a\n', '..', 'x'.repeat(101)])(
    '%j is refused with the rule',
    (name) => {
      expect(() => parseName('model', name)).toThrow(expect.objectContaining({ reasonCode: 'bad-input' }));
      expect(() => parseName('model', name)).toThrow('is not allowed. Use 1 to 100 letters');
    },
  );

  test('an allowed name is a safe path segment and part of a git tag, whatever was given', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        try {
          parseName('environment', name);
        } catch {
          return;
        }
        expect(name).toMatch(/^[\w-]{1,100}$/);
        expect(name).not.toMatch(/^-|-$/);
      }),
    );
  });

  test('none at all says where to write it', () => {
    expect(() => parseName('model', undefined)).toThrow("'model:' in sluice.yaml");
    expect(() => parseName('environment', undefined)).toThrow(
      /^No environment is named. Set the input 'environment'.$/,
    );
  });
});

test.each([
  ['true', true],
  ['TRUE', true],
  ['False', false],
  [undefined, true],
])('the yes/no input %j', (given, expected) => {
  expect(parseBoolean('cache', given, true)).toBe(expected);
});

test.each(['yes', '1', 'no', 'on'])('the yes/no input %j is refused', (given) => {
  expect(() => parseBoolean('cache', given, true)).toThrow(
    `Input 'cache' is '${given}'. Allowed: true, false.`,
  );
});

test('a list has one item a line', () => {
  expect(parseLines(' a b \n\n\tc\r\n')).toEqual(['a b', 'c']);
  expect(parseLines(undefined)).toBeUndefined();
});

describe('a version', () => {
  test('is v and a semantic version', () => {
    expect(['v0.0.0', 'v10.20.30-a-b.1+x'].every(isVersion)).toBe(true);
    expect(['1.0.0', 'v1', 'v1.0.0 ', 'V1.0.0', 'v1.0.0\n', 'v1.0.0-a..b', 'latest'].some(isVersion)).toBe(
      false,
    );
  });

  test('may be left out of an input, but nothing else', () => {
    expect(parseVersion('to', undefined)).toBeUndefined();
    expect(parseVersion('to', 'v1.0.0')).toBe('v1.0.0');
    expect(() => parseVersion('to', '1.0')).toThrow("Input 'to' is '1.0'. Write a version such as v1.0.0.");
  });
});
