import { AT_ONCE } from './plan.ts';
import { describe, expect, test } from '@jest/globals';
import { CancelledError, UserError } from '../action/errors.ts';
import { LeaseLostError } from '../ledger/lock.ts';
import { UnansweredPushError } from '../ledger/repository.ts';
import { begin } from './reduce.ts';
import { EffectError, runRollout, type Done, type Trace } from './run.ts';
import type { Effect, RolloutState } from './state.ts';

const quiet = { info: () => undefined, group: <T>(_title: string, body: () => Promise<T>) => body() };
const intent = (kind: RolloutState['kind']) => ({
  kind,
  candidate: { version: 'v3.0.0' },
  stable: kind === 'deploy' ? { version: 'v2.0.0' } : null,
  avoid: kind === 'deploy' ? [] : ['v4.0.0'],
  further: [],
  plan: AT_ONCE,
});

/** Runs a rollout whose effects fail as `fails` says, by their names and how often they were asked for. */
async function run(
  fails: Readonly<Record<string, () => unknown>>,
  kind: RolloutState['kind'] = 'deploy',
  signals: { signal?: AbortSignal; lost?: AbortSignal } = {},
): Promise<Trace & { done: string[] }> {
  const done: string[] = [];
  const never = new AbortController().signal;
  const perform = async (effect: Effect, _state: RolloutState, signal: AbortSignal): Promise<Done> => {
    const count = done.filter((name) => name.startsWith(effect.do)).length + 1;
    done.push(effect.do);
    const fail = fails[`${effect.do} ${count}`];
    if (fail !== undefined) throw fail();
    signal.throwIfAborted();
    return { message: `${effect.do} done` };
  };
  const trace = await runRollout(
    begin(intent(kind)),
    perform,
    { signal: never, lost: never, ...signals },
    quiet,
  );
  return { ...trace, done };
}

describe('the runner of a rollout', () => {
  test('does the effects of each state, and reports one step for each', async () => {
    const { state, steps, done } = await run({});
    expect(state.phase).toBe('recorded');
    expect(done).toEqual(['stage', 'save', 'shift', 'observe', 'verify', 'retire', 'commit']);
    expect(steps.map(({ name, verdict, message }) => `${name} ${verdict}: ${message}`)).toEqual([
      'stage pass: stage done',
      'switch pass: save done shift done',
      'read-back pass: observe done',
      'verify pass: verify done',
      'record pass: retire done commit done',
    ]);
  });

  test('moves nothing when the journal cannot be written, and keeps why', async () => {
    const away = new UserError('service-unavailable', 'The remote is away.');
    for (const kind of ['deploy', 'rollback'] as const) {
      const trace = await run({ 'save 1': () => away }, kind);
      expect(trace.state).toMatchObject({
        phase: 'untouched',
        because: { step: 'switch', decision: 'error', reason: 'service-unavailable' },
      });
      expect(trace.done).not.toContain('shift');
      expect(trace.error).toBe(away);
    }
  });

  test('goes back also where the remote is away, and not where somebody else has the environment', async () => {
    const bad = (): Error => new UserError('verification-failed', 'wrong', { decision: 'fail' });
    const away = (): Error => new UserError('service-unavailable', 'away');
    expect((await run({ 'verify 1': bad, 'save 2': away })).state.phase).toBe('restored');
    const lost = await run({ 'verify 1': bad, 'save 2': () => new LeaseLostError(undefined) });
    expect(lost.state).toMatchObject({ phase: 'lost', because: { reason: 'locked' } });
    expect(lost.done.filter((effect) => effect === 'shift')).toHaveLength(1);
  });

  test('takes a push without an answer for neither done nor failed', async () => {
    const unknown = (): Error => new UnansweredPushError(new UserError('service-unavailable', 'away'));
    expect((await run({ 'commit 1': unknown })).done.at(-1)).toBe('settle');
    const { state } = await run({ 'commit 1': unknown, 'settle 1': unknown });
    expect(state).toMatchObject({ phase: 'unsettled', because: { reason: 'service-unavailable' } });
  });

  test('ends what can be cancelled, and nothing of the way back or out', async () => {
    const signal = AbortSignal.abort(new CancelledError('SIGTERM'));
    expect((await run({}, 'deploy', { signal })).state).toMatchObject({
      phase: 'untouched',
      because: { reason: 'cancelled', message: 'The step was cancelled (SIGTERM).' },
    });
    const later = new AbortController();
    const observing = (): Error => {
      later.abort(new CancelledError('SIGTERM'));
      return later.signal.reason as Error;
    };
    expect((await run({ 'observe 1': observing }, 'deploy', later)).state.phase).toBe('restored');
  });

  test('hears during an effect that it lost the environment, except while that may have been its own push', async () => {
    const lost = new AbortController();
    const losing = (): Error => {
      lost.abort(new LeaseLostError(undefined));
      return new UserError('service-unavailable', 'the request was cut short');
    };
    const { state, done } = await run({ 'verify 1': losing }, 'deploy', { lost: lost.signal });
    expect([state.phase, done.at(-1)]).toEqual(['lost', 'verify']);
    const pushing = new AbortController();
    const unknown = (): Error => {
      pushing.abort(new LeaseLostError(undefined));
      return new UnansweredPushError(new Error('away'));
    };
    expect((await run({ 'commit 1': unknown }, 'deploy', { lost: pushing.signal })).state.phase).toBe(
      'recorded',
    );
  });

  test('tells a bug from a refusal', async () => {
    const bug = new TypeError('x is undefined');
    expect(await run({ 'stage 1': () => new EffectError(bug, {}) })).toMatchObject({
      state: { phase: 'untouched', because: { reason: 'internal' } },
    });
    const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: '/srv/x' });
    expect((await run({ 'shift 1': () => new EffectError(full, { moved: 'no' }) })).state).toMatchObject({
      phase: 'untouched',
      because: { decision: 'error', reason: 'service-unavailable' },
    });
  });
});
