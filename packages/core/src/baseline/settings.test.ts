import { describe, expect, test } from '@jest/globals';
import { readBaselineSettings } from './settings.ts';

const RUN = { sources: undefined, files: {}, isMerged: false };

describe('sources', () => {
  test.each([
    ['the input', { baseline: 'champion' }, 'latest\nfile:a.csv', ['latest', 'file:a.csv']],
    ['a list in the file', { baseline: ['merge-base', 'latest'] }, undefined, ['merge-base', 'latest']],
    ['one in the file', { baseline: 'merge-base' }, undefined, ['merge-base']],
    ['nothing', undefined, undefined, ['champion', 'latest']],
  ])('come from %s', (_where, section, input, expected) => {
    const { sources } = readBaselineSettings(section, { ...RUN, sources: input });
    expect(sources.map(({ text }) => text)).toEqual(expected);
  });
});

test('what is not written has its default', () => {
  expect(readBaselineSettings({}, RUN)).toEqual({
    championEnvironment: 'production',
    sources: expect.any(Array),
    onMissing: 'absolute-only',
    onDifferentTestSet: 'fail',
    evaluateAt: 'today',
  });
});

test('another test set is red for a change, and a warning after the merge, unless it is written', () => {
  const merged = { ...RUN, isMerged: true };
  expect(readBaselineSettings({}, merged).onDifferentTestSet).toBe('warn');
  const section = { 'on-different-test-set': 'absolute-only' } as const;
  expect(readBaselineSettings(section, merged).onDifferentTestSet).toBe('absolute-only');
});

test('times are read with their units', () => {
  const section = { 'max-age': '30d', 'wait-for-baseline': '90s' };
  expect(readBaselineSettings(section, RUN)).toMatchObject({
    maxAge: { text: '30d', ms: 30 * 86_400_000 },
    waitMs: 90_000,
  });
});

test('an environment that cannot be is refused, though no source asks for the champion', () => {
  const section = { baseline: 'latest', 'champion-environment': 'a b' };
  expect(() => readBaselineSettings(section, RUN)).toThrow("environment name 'a b'");
});
