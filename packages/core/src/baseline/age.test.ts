import { expect, test } from '@jest/globals';
import type { VersionRecord } from '../ledger/state.ts';
import fc from 'fast-check';
import { ageSeconds, tooOld } from './age.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const registered = (ms: number): VersionRecord => ({
  version: 'v3.0.0',
  tag: 'm@v3.0.0',
  commit: 'c',
  registeredAt: new Date(ms),
  active: true,
  trailers: new Map(),
});
const maxAge = { text: '30d', ms: 30 * DAY };

test('says how old the version is and what is allowed', () => {
  expect(tooOld(registered(NOW - 45 * DAY), maxAge, NOW)).toBe('v3.0.0 is 45 days old, gate.max-age is 30d');
});

test('without a limit nothing is too old', () => {
  expect(tooOld(registered(0), undefined, NOW)).toBeUndefined();
});

test('a version is too old exactly when it is older than the limit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -DAY, max: 60 * DAY }),
      fc.integer({ min: 1, max: 60 * DAY }),
      (age, ms) => {
        const refused = tooOld(registered(NOW - age), { text: 'x', ms }, NOW) !== undefined;
        expect(refused).toBe(age > ms);
      },
    ),
  );
});

test('a clock that is behind makes no negative age', () => {
  expect(ageSeconds(registered(NOW + DAY), NOW)).toBe(0);
});
