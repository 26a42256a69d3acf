import { describe, expect, test } from '@jest/globals';
import { UserError } from '../action/errors.ts';
import type { LiveState, ServingTarget } from '../serving/target.ts';
import { shift } from './move.ts';
import { AT_ONCE } from './plan.ts';
import { begin } from './reduce.ts';

const shares = [{ version: 'v1.0.0', weight: 100 }];
const fence = { number: 1, owner: 'a' };
const { state } = begin({
  kind: 'rollback',
  candidate: { version: 'v1.0.0' },
  stable: null,
  avoid: [],
  further: [],
  plan: AT_ONCE,
  generation: 'before',
});
const nonsense = () => Promise.reject(new UserError('bad-config', 'the answer of run (live) is no JSON'));

/** Moves the traffic of a target of which only this is asked. */
function moving(target: Pick<ServingTarget, 'shift' | 'live'>): Promise<unknown> {
  return shift(target as ServingTarget, { shares }, fence, state, new AbortController().signal);
}

describe('a move of the traffic', () => {
  test('says how the target is set up after it', async () => {
    const live: LiveState = { intended: shares, answer: { kind: 'not-asked' }, generation: 'after' };
    const moved = moving({ shift: () => Promise.resolve(), live: () => Promise.resolve(live) });
    expect(await moved).toMatchObject({ generation: 'after' });
  });

  test('has moved it, whatever is said of the set-up after that', async () => {
    const moved = moving({ shift: () => Promise.resolve(), live: nonsense });
    await expect(moved).rejects.toMatchObject({ detail: { moved: 'yes' } });
  });

  test('that failed tells why, and not that nobody could say how it left the target', async () => {
    const failed = () => Promise.reject(new UserError('verification-failed', 'no server came up'));
    const moved = moving({ shift: failed, live: nonsense });
    await expect(moved).rejects.toMatchObject({
      message: 'no server came up',
      detail: { moved: 'unknown' },
    });
  });
});
