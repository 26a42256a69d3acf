import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareVersions, nextVersion } from './versions.ts';

/** The order of semver.org §11. */
const ASCENDING = [
  'v0.9.9',
  'v1.0.0-alpha',
  'v1.0.0-alpha.1',
  'v1.0.0-alpha.beta',
  'v1.0.0-beta',
  'v1.0.0-beta.2',
  'v1.0.0-beta.11',
  'v1.0.0-rc.1',
  'v1.0.0',
  'v1.2.0',
  'v1.10.0',
  'v2.0.0',
  'v99999999999999999999.0.0',
];

describe('versions', () => {
  test('are ordered as semantic versioning says', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ASCENDING, { minLength: ASCENDING.length }), (shuffled) => {
        expect([...shuffled].sort(compareVersions)).toEqual(ASCENDING);
      }),
    );
  });

  test('that differ only in build metadata are not equal', () => {
    expect(compareVersions('v1.0.0+a', 'v1.0.0+b')).toBe(-1);
    expect(compareVersions('v1.0.0+a', 'v1.0.0+a')).toBe(0);
  });

  test.each([
    [[], 'major', 'v1.0.0'],
    [[], 'patch', 'v1.0.0'],
    [['v1.0.0', 'v10.0.0', 'v9.0.0'], 'major', 'v11.0.0'],
    [['v1.2.3'], 'minor', 'v1.3.0'],
    [['v1.2.3'], 'patch', 'v1.2.4'],
    [['v1.0.0', 'v2.0.0-rc.1'], 'major', 'v2.0.0'],
    [['v2.1.0-rc.1'], 'major', 'v3.0.0'],
    [['v2.1.0-rc.1'], 'minor', 'v2.1.0'],
    [['v2.1.1-rc.1'], 'patch', 'v2.1.1'],
  ] as const)('after %p the next %s is %s', (taken, bump, next) => {
    expect(nextVersion(taken, bump)).toBe(next);
  });

  test('count up: the next is greater than every one that is taken', () => {
    const version = fc
      .tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.constantFrom('', '-rc.1', '+b'))
      .map(([a, b, c, x]) => `v${a}.${b}.${c}${x}`);
    fc.assert(
      fc.property(fc.array(version), fc.constantFrom('major', 'minor', 'patch'), (taken, bump) => {
        const next = nextVersion(taken, bump);
        expect(taken.every((v) => compareVersions(v, next) < 0)).toBe(true);
      }),
    );
  });
});
