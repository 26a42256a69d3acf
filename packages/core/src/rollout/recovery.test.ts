import { describe, expect, test } from '@jest/globals';
import type { Rollout } from '../ledger/lock.ts';
import { CLAIMED, SWITCHING, isDead } from './claim.ts';
import { recoveryOf } from './recovery.ts';

const now = new Date('2026-05-01T12:00:00Z');
const ago = (seconds: number): string => new Date(now.getTime() - seconds * 1000).toISOString();
const journal = (changes: Partial<Rollout> = {}): Rollout => ({
  claim: 'x',
  candidate: 'v2.0.0',
  previous: 'v1.0.0',
  step: SWITCHING,
  started: ago(600),
  heartbeat: ago(10),
  ...changes,
});
const run = (id: number, attempt: number): string =>
  `https://github.com/o/r/actions/runs/${id}/attempts/${attempt}`;

describe('a rollout that holds the lock', () => {
  test.each([
    ['gave a sign of life just now', journal(), run(2, 1), false],
    ['gave none for two minutes', journal({ heartbeat: ago(121) }), run(2, 1), true],
    ['gave none that can be read', journal({ heartbeat: 'yesterday' }), run(2, 1), true],
    ['is an earlier attempt of this run', journal({ run: run(7, 1) }), run(7, 2), true],
    ['is this very attempt, in another job', journal({ run: run(7, 2) }), run(7, 2), false],
    ['is another run', journal({ run: run(6, 1) }), run(7, 2), false],
    ['does not say which run it is', journal(), undefined, false],
    ['has a clock that is ahead', journal({ heartbeat: ago(-300) }), run(2, 1), false],
    ['gave one at a time that no clock shows', journal({ heartbeat: ago(-601) }), run(2, 1), true],
    ['gave one at the end of time', journal({ heartbeat: '9999-01-01T00:00:00Z' }), run(2, 1), true],
  ])('%s', (_name, found, own, dead) => {
    expect(isDead(found, own, now)).toBe(dead);
  });
});

describe('what is left of a rollout that died', () => {
  const ledger = (version: string | undefined, quarantined: string[] = []) => ({
    ...(version === undefined ? {} : { live: { version, since: now, tag: 't' } }),
    quarantined: new Set(quarantined),
  });

  test('nothing when it had not moved traffic', () => {
    expect(recoveryOf(journal({ step: CLAIMED }), ledger('v1.0.0'))).toMatchObject({ kind: 'nothing' });
  });

  test('nothing when the ledger says it was finished', () => {
    expect(recoveryOf(journal(), ledger('v2.0.0'))).toMatchObject({ kind: 'nothing' });
  });

  test('else what the ledger says is live is put back', () => {
    const back = recoveryOf(journal(), ledger('v1.0.0'));
    expect(back).toMatchObject({ kind: 'undo', to: 'v1.0.0' });
    expect(back.message).not.toContain('journal');
    const first = journal({ previous: undefined });
    expect(recoveryOf(first, ledger(undefined))).toMatchObject({ kind: 'undo', to: undefined });
  });

  test.each([
    ['another version', 'v0.9.0', 'v0.9.0 was live before'],
    ['nothing', undefined, 'nothing was live before'],
  ])('and never %s because the journal says so', (_what, previous, said) => {
    expect(recoveryOf(journal({ previous }), ledger('v1.0.0', ['v0.9.0']))).toMatchObject({
      kind: 'undo',
      to: 'v1.0.0',
      message: expect.stringContaining(said),
    });
  });

  test('and never a version that is quarantined', () => {
    expect(recoveryOf(journal(), ledger('v1.0.0', ['v1.0.0']))).toMatchObject({
      kind: 'nothing',
      message: expect.stringContaining('v1.0.0 is quarantined'),
    });
  });

  test('a step of a later version counts as one that moved traffic', () => {
    expect(recoveryOf(journal({ step: 'baking' }), ledger('v1.0.0'))).toMatchObject({ kind: 'undo' });
  });
});
