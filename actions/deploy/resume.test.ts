import { AT_ONCE } from '@sluice/core/rollout/plan.ts';
import { describe, expect, test } from '@jest/globals';
import { begin, reduce, type Intent } from '@sluice/core/rollout/reduce.ts';
import type { RolloutState } from '@sluice/core/rollout/state.ts';
import { planOnRecord } from '@sluice/core/rollout/journal.ts';
import { merge, observe, proportionOf } from '@sluice/core/rollout/analysis/samples.ts';
import { goOn } from './resume.ts';

const intent: Intent = {
  kind: 'deploy',
  candidate: { version: 'v2.0.0', modelDigest: 'ab' },
  stable: { version: 'v1.0.0', modelDigest: 'cd' },
  avoid: [],
  further: [],
  plan: { ...AT_ONCE, steps: [{ weight: 10, bake: 0 }, { pause: 'approve' }, { weight: 100, bake: 0 }] },
};

const SPLIT = [
  { version: 'v1.0.0', weight: 90 },
  { version: 'v2.0.0', weight: 10 },
];

function paused(changes: Partial<Intent> = {}): RolloutState {
  let { state } = begin({ ...intent, ...changes });
  for (let i = 0; i < 3; i++) ({ state } = reduce(state, { kind: 'done' }));
  return state;
}

describe('a paused rollout', () => {
  test('goes on with the step after the pause', () => {
    expect(paused().phase).toBe('paused');
    expect(goOn(paused(), intent, SPLIT, 'production').state).toMatchObject({ phase: 'switching', step: 2 });
  });

  test('goes on with what the ledger says of the versions, whatever its journal says', () => {
    const planted = { ...paused(), stable: { version: 'v9.0.0' }, avoid: ['v1.0.0'] };
    expect(goOn(planted, intent, SPLIT, 'production').state).toMatchObject({
      stable: intent.stable,
      avoid: [],
    });
  });

  test('is not gone on with where it is another, or none, or its steps were changed', () => {
    const nothing = { reasonCode: 'nothing-paused' };
    expect(() => goOn(undefined, intent, SPLIT, 'production')).toThrow(expect.objectContaining(nothing));
    const other = paused({ candidate: { version: 'v3.0.0' } });
    expect(() => goOn(other, intent, SPLIT, 'production')).toThrow(expect.objectContaining(nothing));
    const changed = paused({
      plan: { ...intent.plan, steps: [{ weight: 50, bake: 0 }, ...intent.plan.steps.slice(1)] },
    });
    expect(() => goOn(changed, intent, SPLIT, 'production')).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-config',
        message: expect.stringContaining('other steps now') as unknown,
      }),
    );
  });

  test('is not taken from a journal that stands at no pause, and so would end without having moved anything', () => {
    for (const step of [-1, 0, 2, 99])
      expect(() => goOn({ ...paused(), step }, intent, SPLIT, 'production')).toThrow(
        expect.objectContaining({ reasonCode: 'bad-config' }),
      );
  });

  test('takes nothing else from its journal: neither samples of steps to come, nor that it did not move the traffic', () => {
    const good = proportionOf(Array<boolean>(1000).fill(false));
    const planted: RolloutState = {
      ...paused(),
      kind: 'rollback',
      moved: 'no',
      stepBack: 7,
      samples: merge({}, 2, [{ metric: 'errors', observation: observe({ candidate: good }) }]),
      because: { step: 'bake', decision: 'fail', reason: 'verification-failed', message: 'x' },
    };
    const { state } = goOn(planted, intent, SPLIT, 'production');
    expect(state).toMatchObject({ kind: 'deploy', moved: 'yes', stepBack: 0, samples: {}, step: 2 });
    expect(state.because).toBeUndefined();
  });

  test('goes on from steps whose texts a journal keeps as one line', () => {
    const steps = [
      { weight: 10, bake: 0 },
      { pause: `wait\n  for ${'QA '.repeat(500)}` },
      { weight: 100, bake: 0 },
    ];
    const plan = { ...intent.plan, steps };
    const kept = { ...paused({ plan }), plan: planOnRecord(plan) };
    expect(goOn(kept, { ...intent, plan }, SPLIT, 'production').state).toMatchObject({ phase: 'switching' });
  });

  test('is not gone on with where nothing else is there to go back to', () => {
    for (const stable of [null, intent.candidate])
      expect(() => goOn(paused(), { ...intent, stable }, SPLIT, 'production')).toThrow(
        expect.objectContaining({
          reasonCode: 'bad-config',
          message: expect.stringContaining("with 'to' and a version that works") as unknown,
        }),
      );
  });

  test('is not gone on with where the target is not set as the pause left it', () => {
    const other = [
      [],
      [{ version: 'v1.0.0', weight: 100 }],
      [
        { version: 'v1.0.0', weight: 70 },
        { version: 'v2.0.0', weight: 30 },
      ],
      [
        { version: 'v3.0.0', weight: 90 },
        { version: 'v2.0.0', weight: 10 },
      ],
    ];
    for (const shares of other)
      expect(() => goOn(paused(), intent, shares, 'production')).toThrow(
        expect.objectContaining({
          reasonCode: 'drifted',
          message: expect.stringContaining('paused with v1.0.0 90 %, v2.0.0 10 %') as unknown,
        }),
      );
  });
});
