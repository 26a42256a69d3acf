import { describe, expect, test } from '@jest/globals';
import { readBaselineSettings } from './settings.ts';

describe('sources', () => {
  test.each([
    ['the input', { baseline: 'champion' }, 'latest\nfile:a.csv', ['latest', 'file:a.csv']],
    ['a list in the file', { baseline: ['merge-base', 'latest'] }, undefined, ['merge-base', 'latest']],
    ['one in the file', { baseline: 'merge-base' }, undefined, ['merge-base']],
    ['nothing', undefined, undefined, ['champion', 'latest']],
  ])('come from %s', (_where, section, input, expected) => {
    const { sources } = readBaselineSettings(section, input, {});
    expect(sources.map(({ text }) => text)).toEqual(expected);
  });
});

test('what is not written has its default', () => {
  expect(readBaselineSettings({}, undefined, {})).toEqual({
    championEnvironment: 'production',
    sources: expect.any(Array),
    onMissing: 'absolute-only',
  });
});

test('times are read with their units', () => {
  const section = { 'max-age': '30d', 'wait-for-baseline': '90s' };
  expect(readBaselineSettings(section, undefined, {})).toMatchObject({
    maxAge: { text: '30d', ms: 30 * 86_400_000 },
    waitMs: 90_000,
  });
});

test('an environment that cannot be is refused, though no source asks for the champion', () => {
  const section = { baseline: 'latest', 'champion-environment': 'a b' };
  expect(() => readBaselineSettings(section, undefined, {})).toThrow("environment name 'a b'");
});
