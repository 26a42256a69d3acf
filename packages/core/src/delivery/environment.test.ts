import { expect, test } from '@jest/globals';
import { AT_ONCE } from '../rollout/plan.ts';
import { begin } from '../rollout/reduce.ts';
import { part } from './environment.ts';

const { state } = begin({
  kind: 'deploy',
  candidate: { version: 'v2.0.0' },
  stable: { version: 'v1.0.0' },
  avoid: [],
  further: [],
  plan: AT_ONCE,
});
const lease = (isLeft: boolean) => ({
  release: () => Promise.resolve(),
  leave: () => Promise.resolve(isLeft),
});

test('a pause that could not be written down is not said to be one', async () => {
  const paused = { ...state, phase: 'paused' as const };
  await expect(part(lease(false), paused)).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining('v2.0.0 was to pause') as unknown,
  });
  await part(lease(true), paused);
  // What ended badly says so itself.
  await part(lease(false), { ...state, phase: 'not-restored' });
});
