import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runRollout, type StepEffect } from './engine.ts';
import { BACKWARD, advance, start, type End, type Step } from './machine.ts';
import { strategyOf } from './strategies/index.ts';

const FORWARD = strategyOf('direct').steps;
const STEPS = [...FORWARD, ...BACKWARD];
const quiet = { info: () => undefined, group: <T>(_title: string, body: () => Promise<T>) => body() };

/** A world that a rollout changes: which version is served, what the ledger says, what was verified. */
class World {
  live: string | undefined;
  ledger: string | undefined;
  verified: string | undefined;
  readonly previous: string | undefined;
  constructor(previous: string | undefined) {
    this.previous = previous;
    this.live = previous;
    this.ledger = previous;
  }

  effects(fail: (step: Step) => 'before' | 'after' | undefined): Record<Step, StepEffect> {
    const doing: Record<Step, () => void> = {
      stage: () => undefined,
      switch: () => (this.live = 'candidate'),
      'read-back': () => undefined,
      verify: () => (this.verified = this.live),
      record: () => (this.ledger = 'candidate'),
      'switch-back': () => (this.live = this.previous),
      'read-back-previous': () => undefined,
      'verify-previous': () => undefined,
    };
    const effect =
      (step: Step): StepEffect =>
      async () => {
        const when = fail(step);
        if (when === 'before') throw new Error(`${step} failed`);
        // A push is one act: it cannot fail after it happened.
        doing[step]();
        if (when === 'after' && step !== 'record') throw new Error(`${step} failed`);
        return step;
      };
    return Object.fromEntries(STEPS.map((step) => [step, effect(step)])) as Record<Step, StepEffect>;
  }
}

/** Whether the end says what is served, and no unverified candidate is left in place silently. */
function isHonest(end: End, world: World, before: string | undefined, failing: Failing): boolean {
  switch (end.kind) {
    case 'deployed':
      return [world.live, world.ledger, world.verified].every((version) => version === 'candidate');
    case 'untouched':
    case 'restored':
      return world.live === before && world.ledger === before;
    case 'not-restored':
      return BACKWARD.some((step) => failing[step] !== undefined) && world.ledger === before;
  }
}

type Failing = Readonly<Record<string, 'before' | 'after'>>;

const failures = fc.dictionary(
  fc.constantFrom<string>(...STEPS),
  fc.constantFrom('before' as const, 'after' as const),
);
const previous = fc.constantFrom('old', undefined);

describe('a rollout, whichever steps fail', () => {
  test('ends with the candidate verified and in the ledger, or with what was there before', async () => {
    await fc.assert(
      fc.asyncProperty(previous, failures, async (before, failing) => {
        const world = new World(before);
        const report = await runRollout(
          FORWARD,
          world.effects((step) => failing[step]),
          new AbortController().signal,
          quiet,
        );
        return isHonest(report.end, world, before, failing);
      }),
    );
  });

  test('without a failure on the way back it is never left half-way', async () => {
    const forward = fc.dictionary(
      fc.constantFrom<string>(...FORWARD),
      fc.constantFrom('before' as const, 'after' as const),
    );
    await fc.assert(
      fc.asyncProperty(previous, forward, async (before, failing) => {
        const world = new World(before);
        const { end } = await runRollout(
          FORWARD,
          world.effects((step) => failing[step]),
          new AbortController().signal,
          quiet,
        );
        expect(end.kind).not.toBe('not-restored');
        expect(world.live).toBe(end.kind === 'deployed' ? 'candidate' : before);
      }),
    );
  });

  test('a cancellation at any step restores what was there', async () => {
    await fc.assert(
      fc.asyncProperty(previous, fc.constantFrom(...FORWARD.slice(0, -1)), async (before, at) => {
        const world = new World(before);
        const cancellation = new AbortController();
        const effects = world.effects(() => undefined);
        const watched = {
          ...effects,
          [at]: async (signal: AbortSignal) => {
            const note = await effects[at](signal);
            cancellation.abort(new Error('cancelled'));
            return note;
          },
        };
        const { end } = await runRollout(FORWARD, watched, cancellation.signal, quiet);
        expect(end).toMatchObject({ because: { error: { message: 'cancelled' } } });
        expect(world.live).toBe(before);
        expect(world.ledger).toBe(before);
      }),
    );
  });

  test('reports every step with its verdict', async () => {
    const world = new World('old');
    const { steps } = await runRollout(
      FORWARD,
      world.effects((step) => (step === 'verify' ? 'after' : undefined)),
      new AbortController().signal,
      quiet,
    );
    expect(steps.map((s) => `${s.name} ${s.verdict}`)).toEqual([
      'stage pass',
      'switch pass',
      'read-back pass',
      'verify fail',
      'switch-back pass',
      'read-back-previous pass',
      'verify-previous pass',
    ]);
    expect(steps[3]?.message).toBe('verify failed');
  });

  test('the machine always ends', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.boolean()), (results) => {
        let phase = start(FORWARD);
        for (let i = 0; phase.at !== 'end'; i++) {
          if (i > STEPS.length) return false;
          phase = advance(phase, results.next().value ? { ok: true } : { ok: false, error: 'x' });
        }
        return true;
      }),
    );
  });
});
