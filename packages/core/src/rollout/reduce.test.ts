import { sameShares } from '../serving/shares.ts';
import { effectsOf, trafficOf } from './effects.ts';
import { AT_ONCE } from './plan.ts';
import { describe, expect, test } from '@jest/globals';
import { begin, claimed, hasEnded, isCancellable, parting, reduce, type Intent } from './reduce.ts';
import type { Event, Failure, KnownVersion, Phase, Reduced, RolloutPlan, RolloutState } from './state.ts';

const failure = (step: string, reason = 'verification-failed'): Failure => ({
  step,
  decision: 'fail',
  reason,
  message: `${step} failed`,
});
const v = (n: number): KnownVersion => ({ version: `v${n}.0.0` });

const DEPLOY: Intent = {
  kind: 'deploy',
  candidate: v(3),
  stable: v(2),
  avoid: [],
  further: [],
  plan: AT_ONCE,
};
const inSteps = (...weights: number[]): RolloutPlan => ({
  ...AT_ONCE,
  steps: weights.map((weight) => ({ weight, bake: 0 })),
});
const ROLLBACK: Intent = { ...DEPLOY, kind: 'rollback', candidate: v(2), stable: null, avoid: ['v3.0.0'] };

const done: Event = { kind: 'done' };
const failed = (more: Partial<Extract<Event, { kind: 'failed' }>> = {}): Event => ({
  kind: 'failed',
  failure: failure('x'),
  ...more,
});
const cancelled: Event = { kind: 'cancelled', failure: failure('x', 'cancelled') };
const unknown: Event = { kind: 'unknown', failure: failure('record', 'service-unavailable') };

/** The phases that a rollout goes through with these events. */
function phases(intent: Intent, ...events: Event[]): Phase[] {
  let { state } = begin(intent);
  return [state.phase, ...events.map((event) => (state = reduce(state, event).state).phase)];
}
function end(intent: Intent, ...events: Event[]): RolloutState {
  return events.reduce((state, event) => reduce(state, event).state, begin(intent).state);
}

describe('a deployment', () => {
  test('goes through its phases, and each asks for its effects', () => {
    const effects = (reduced: Reduced): string => reduced.effects.map((effect) => effect.do).join(' ');
    let current = begin(DEPLOY);
    const told: string[] = [];
    while (!hasEnded(current.state)) {
      told.push(`${current.state.phase}: ${effects(current)}`);
      current = reduce(current.state, done);
    }
    expect(told).toEqual([
      'staging: stage',
      'switching: save shift',
      'reading-back: observe',
      'verifying: verify',
      'recording: retire commit',
    ]);
    expect([current.state.phase, current.effects]).toEqual(['recorded', []]);
  });

  test('gives the candidate one share after the other where its strategy says so', () => {
    const shares: unknown[] = [];
    let current = begin({ ...DEPLOY, plan: inSteps(10, 100) });
    while (!hasEnded(current.state)) {
      shares.push(
        ...current.effects.flatMap((effect) => (effect.do === 'shift' ? [effect.traffic.shares] : [])),
      );
      current = reduce(current.state, done);
    }
    expect(shares).toEqual([
      [
        { version: 'v2.0.0', weight: 90 },
        { version: 'v3.0.0', weight: 10 },
      ],
      [{ version: 'v3.0.0', weight: 100 }],
    ]);
  });

  test('shares in parts of a percent, and the rest is told as people write it', () => {
    const shares = (weight: number) => trafficOf(end({ ...DEPLOY, plan: inSteps(weight, 100) }, done)).shares;
    expect(shares(14.29).map(({ weight }) => weight)).toEqual([85.71, 14.29]);
    expect(sameShares([...shares(14.29)], [...shares(14.29 + 1e-12)])).toBe(true);
    expect(sameShares([...shares(14.29)], [...shares(14.3)])).toBe(false);
  });

  test('that fails before the traffic moved changes nothing', () => {
    expect(phases(DEPLOY, failed())).toEqual(['staging', 'untouched']);
    expect(phases(DEPLOY, done, failed({ moved: 'no' })).at(-1)).toBe('untouched');
    expect(phases(DEPLOY, cancelled).at(-1)).toBe('untouched');
  });

  test.each([
    ['switching', [done]],
    ['reading-back', [done, done]],
    ['verifying', [done, done, done]],
    ['recording', [done, done, done, done]],
  ])('that fails when %s goes back', (phase, events) => {
    expect(end(DEPLOY, ...events).phase).toBe(phase);
    const state = end(DEPLOY, ...events, failed(), done, done, done);
    expect(state).toMatchObject({ phase: 'restored', because: { step: 'x' } });
    expect(parting(state)).toBe('release');
  });

  test('that is cancelled after the traffic moved goes back, unless the ledger is being written', () => {
    expect(phases(DEPLOY, done, done, done, cancelled).at(-1)).toBe('switching-back');
    expect(phases(DEPLOY, done, done, done, done, cancelled).at(-1)).toBe('recording');
  });

  test('whose way back fails leaves its journal for the next one', () => {
    const state = end(DEPLOY, done, done, failed(), failed({ failure: failure('switch-back'), moved: 'no' }));
    expect(state).toMatchObject({ phase: 'not-restored', failure: { step: 'switch-back' } });
    expect(parting(state)).toBe('leave');
  });

  test('goes back to what the ledger says where somebody else wrote meanwhile', () => {
    const state = end(DEPLOY, done, done, done, done, failed({ instead: v(1) }));
    expect(state).toMatchObject({ phase: 'staging-stable', stable: v(1) });
    expect(
      end(ROLLBACK, done, done, done, done, failed({ instead: v(1) }), done, done, done, done).phase,
    ).toBe('restored');
  });

  test('stays in service while nobody knows whether the ledger has it', () => {
    const recording = [done, done, done, done];
    expect(phases(DEPLOY, ...recording, unknown).at(-1)).toBe('settling');
    expect(phases(DEPLOY, ...recording, unknown, done).at(-1)).toBe('recorded');
    const unsettled = end(DEPLOY, ...recording, unknown, unknown);
    expect([unsettled.phase, parting(unsettled)]).toEqual(['unsettled', 'leave']);
    // The push had not arrived: once more, and not for ever.
    expect(phases(DEPLOY, ...recording, unknown, failed(), unknown, failed()).slice(-3)).toEqual([
      'recording',
      'settling',
      'unsettled',
    ]);
  });

  test('of what is live already is one switch, for it can neither share the traffic nor be compared with itself', () => {
    const same = { ...DEPLOY, candidate: v(2) };
    expect(end({ ...same, plan: inSteps(10, 100) }, done, done)).toMatchObject({
      phase: 'reading-back',
      plan: { steps: [{ weight: 100 }] },
    });
    expect(end({ ...same, plan: { ...inSteps(0), keeps: 'stable' } })).toMatchObject({
      phase: 'untouched',
      because: {
        reason: 'bad-config',
        message: expect.stringContaining('Nothing else is served') as unknown,
      },
    });
  });

  test('whose way back is in steps skips those that would give the candidate more, and goes at once where one fails', () => {
    const restore = [50, 90, 95, 100].map((weight) => ({ weight, bake: 0 }));
    const plan = { ...inSteps(10, 100), restore };
    const from10 = end({ ...DEPLOY, plan }, done, done, failed());
    expect(effectsOf(from10).at(-1)).toMatchObject({ traffic: { shares: [{ weight: 95 }, { weight: 5 }] } });
    const stuck = reduce(from10, failed({ moved: 'no' }));
    expect(stuck.effects.at(-1)).toEqual({
      do: 'shift',
      traffic: { shares: [{ version: 'v2.0.0', weight: 100 }] },
    });
    expect(reduce(stuck.state, failed({ moved: 'no' })).state.phase).toBe('not-restored');
    // A shadow, and a first step that may not have moved anything.
    for (const state of [
      end({ ...DEPLOY, plan: { ...plan, steps: inSteps(0).steps, keeps: 'stable' } }, done, done, done),
      end({ ...DEPLOY, plan }, done, failed()),
    ])
      expect(effectsOf(state).at(-1)).toMatchObject({ traffic: { shares: [{ version: 'v2.0.0' }] } });
  });

  test('whose move was cut off holds no name of the set-up against its own way back', () => {
    const known = { ...DEPLOY, generation: 'a' };
    for (const event of [cancelled, failed(), failed({ moved: 'yes' })])
      expect(end(known, done, event)).toMatchObject({ phase: 'switching-back', generation: undefined });
    expect(end(known, done, failed({ moved: 'yes', generation: 'b' })).generation).toBe('b');
    // Nothing was begun.
    const second = [done, done, done];
    expect(end({ ...known, plan: inSteps(10, 100) }, ...second, failed({ moved: 'no' })).generation).toBe(
      'a',
    );
  });

  test('that lost the environment does nothing more', () => {
    const lost: Event = { kind: 'lease-lost', failure: failure('x', 'locked') };
    const { state, effects } = reduce(end(DEPLOY, done, done), lost);
    expect([state.phase, effects, parting(state)]).toEqual(['lost', [], 'nothing']);
    expect(reduce(state, failed()).state).toEqual(state);
  });
});

describe('a rollback', () => {
  test('lets the read-back judge a reload that fails', () => {
    expect(phases(ROLLBACK, done, failed({ moved: 'yes' }), done, done, done).slice(2)).toEqual([
      'reading-back',
      'verifying',
      'recording',
      'recorded',
    ]);
  });

  test('never puts back what it was to leave, whatever fails', () => {
    const down = end(ROLLBACK, done, done, failed());
    expect([down.phase, parting(down)]).toEqual(['not-restored', 'leave']);
    const refused = end(ROLLBACK, done, done, done, done, failed({ failure: failure('record') }));
    expect([refused.phase, parting(refused)]).toEqual(['unrecorded', 'leave']);
    const instead = end(ROLLBACK, done, done, done, done, failed({ instead: v(3) }));
    expect(instead.phase).toBe('not-restored');
  });

  test('stays at a version that answers and fails its checks, and says so in the ledger', () => {
    expect(end(ROLLBACK, done, done, done, failed({ answers: true }), done)).toMatchObject({
      phase: 'recorded',
      because: { step: 'x' },
    });
  });

  test('walks on from a version that does not answer, and remembers that', () => {
    const walking = { ...ROLLBACK, further: [v(1)] };
    expect(phases(walking, done, done, failed(), done, done, done, done, done).slice(3)).toEqual([
      'staging',
      'switching',
      'reading-back',
      'verifying',
      'recording',
      'recorded',
    ]);
    expect(end(walking, done, done, failed())).toMatchObject({
      candidate: v(1),
      notes: ['v2.0.0 was passed over: x failed'],
    });
  });

  test('walks on from a version that does not come up before it has any traffic', () => {
    const walking = { ...ROLLBACK, further: [v(1)] };
    for (const before of [[], [done]]) {
      const next = end(walking, ...before, failed({ failure: failure('x'), moved: 'no' }));
      expect(next).toMatchObject({ phase: 'staging', candidate: v(1), moved: 'no' });
      expect(reduce(next, failed()).state.phase).toBe('untouched');
    }
    // The remote, the disk and the store say nothing about a version.
    const away = failed({ failure: failure('x', 'service-unavailable'), moved: 'no' });
    expect(end(walking, done, away).phase).toBe('untouched');
  });

  test('that is cancelled while it verifies keeps what it reached, and says so in the ledger', () => {
    expect(end(ROLLBACK, done, done, done, cancelled, done)).toMatchObject({
      phase: 'recorded',
      because: { reason: 'cancelled' },
    });
    expect(isCancellable(end(ROLLBACK, done))).toBe(false);
  });

  test('to no version reads back that nothing answers', () => {
    expect(phases({ ...ROLLBACK, candidate: null }, done, done, done)).toEqual([
      'switching',
      'reading-back',
      'recording',
      'recorded',
    ]);
  });
});

describe('a rollout that died', () => {
  const facts = { live: v(2), earlier: undefined, set: 'v3.0.0' };

  test('before it moved anything leaves nothing to do', () => {
    for (const state of [claimed('deploy', v(3)), begin(DEPLOY).state])
      expect(reduce(state, { kind: 'resumed', ...facts }).state).toMatchObject({ phase: 'untouched' });
  });

  test('as a deployment is undone, to what the ledger says and not to what its journal says', () => {
    const dead = { ...end(DEPLOY, done, done), stable: v(9) };
    expect(reduce(dead, { kind: 'resumed', ...facts }).state).toMatchObject({
      phase: 'switching-back',
      stable: v(2),
    });
    expect(reduce(dead, { kind: 'resumed', ...facts, live: null }).effects.at(-1)).toEqual({
      do: 'shift',
      traffic: { shares: [] },
    });
  });

  test('is not undone to a version that is quarantined', () => {
    const { state, effects } = reduce(end(DEPLOY, done), { kind: 'resumed', ...facts, live: undefined });
    expect([state.phase, effects]).toEqual(['untouched', []]);
  });

  test('as a rollback goes forward where the target is set to its version, which the ledger calls good', () => {
    const dead = end(ROLLBACK, done, done);
    const forward = { kind: 'resumed', live: v(3), earlier: v(2), set: 'v2.0.0' } as const;
    const { state } = reduce(dead, forward);
    expect(state).toMatchObject({ phase: 'switching', candidate: v(2), avoid: ['v3.0.0'] });
    // A journal alone moves nothing, and what was to be left is not put back.
    for (const change of [{ set: 'v3.0.0' }, { earlier: undefined }])
      expect(reduce(dead, { ...forward, ...change }).state).toMatchObject({ phase: 'untouched' });
  });
});
