import { describe, expect, test } from '@jest/globals';
import { AT_ONCE } from '../rollout/plan.ts';
import { begin } from '../rollout/reduce.ts';
import type { RolloutPlan } from '../rollout/state.ts';
import type { LiveState } from '../serving/target.ts';
import { stableVersion, type Delivery } from './delivery.ts';
import { describeLive, sharesOf } from './live.ts';
import { isInPlace } from './settle.ts';

const version = (n: number, weight = 100) => ({ version: `v${n}.0.0`, weight });
/** Which version answered once. */
const answered = (n: number) => ({ kind: 'answered', shares: [version(n)] }) as const;
const split: LiveState = { intended: [version(2, 60), version(1, 40)], answer: answered(2) };

const words = { says: (what: string) => `the program says ${what}`, onlyRead: '' };
const delivery = {
  settings: { environment: 'production' },
  target: { words, holds: () => Promise.resolve(false) },
} as unknown as Delivery;
const ledger = { environments: new Map(), versions: [] } as unknown as Parameters<typeof describeLive>[1];

describe('while the traffic is split', () => {
  test('what is live are the shares, and not the one version that happened to answer', () => {
    expect(sharesOf(split)).toEqual(split.intended);
    expect(sharesOf({ ...split, intended: [version(1)] })).toEqual([version(2)]);
  });

  test('the log names all of them, and does not say that no version answers', () => {
    expect(describeLive(delivery, ledger, split)).toBe(
      'production: the ledger says no version, the program says v2.0.0 60 %, v1.0.0 40 %.',
    );
  });

  test('what is gone back to is the other version, also where the candidate has more', async () => {
    expect(await stableVersion(delivery, ledger, split, 'v2.0.0')).toEqual({ version: 'v1.0.0' });
    const alone = { ...split, intended: [version(2)] };
    expect(await stableVersion(delivery, ledger, alone, 'v2.0.0')).toEqual({ version: 'v2.0.0' });
  });
});

test('what a group got by its header was not in place all along', () => {
  const plan = (route: boolean): RolloutPlan => ({
    ...AT_ONCE,
    steps: [{ weight: 0, bake: 1, ...(route ? { route: { header: 'x', value: 'b' } } : {}) }],
  });
  const [candidate, stable] = [version(2), version(1)];
  const dead = (route: boolean) =>
    begin({ kind: 'deploy', candidate, stable, avoid: [], further: [], plan: plan(route) }).state;
  const found: LiveState = { intended: [version(1)], answer: answered(1) };
  expect(isInPlace(dead(true), found, 'v1.0.0')).toBe(false);
  expect(isInPlace(dead(false), found, 'v1.0.0')).toBe(true);
  expect(isInPlace(dead(false), split, 'v1.0.0')).toBe(false);
});
