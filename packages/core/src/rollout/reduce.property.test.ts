import { AT_ONCE } from './plan.ts';
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { begin, hasEnded, parting, reduce, type Intent } from './reduce.ts';
import type { Event, Failure, KnownVersion, Reduced, RolloutPlan, RolloutState } from './state.ts';
import { VERDICTS, type AnalysisVerdict } from './analysis/metric-verdict.ts';

const failure: Failure = { step: 'x', decision: 'fail', reason: 'verification-failed', message: 'x failed' };
const v = (n: number): KnownVersion => ({ version: `v${n}.0.0` });
const done: Event = { kind: 'done' };

const version = fc.integer({ min: 1, max: 4 }).map(v);
const name = version.map((known) => known.version);
const weight = (share: number, bake = 0) => ({ weight: share, bake });
const canary: RolloutPlan = {
  ...AT_ONCE,
  steps: [weight(5, 100), { pause: 'approve' }, weight(50, 100), { pause: 'labels' }, weight(100)],
  hold: 100,
  restore: [weight(50), weight(100, 10)],
  probe: true,
};
const shadow: RolloutPlan = {
  ...AT_ONCE,
  steps: [{ ...weight(0, 100), mirror: 10 }],
  restore: canary.restore,
  keeps: 'stable',
};
const plans = fc.constantFrom(AT_ONCE, { ...AT_ONCE, steps: [weight(10), weight(100)] }, canary, shadow);

/** A rollback is never asked to go to what it is to leave; a deployment has nothing to leave. */
const intents: fc.Arbitrary<Intent> = fc
  .record({
    kind: fc.constantFrom('deploy' as const, 'rollback' as const),
    candidate: fc.option(version),
    stable: fc.option(version),
    avoid: fc.array(name, { maxLength: 2 }),
    further: fc.array(version, { maxLength: 3 }),
    plan: plans,
  })
  .map((intent) => {
    if (intent.kind === 'deploy') return { ...intent, avoid: [], further: [] };
    const stays = (known: KnownVersion | null): boolean =>
      known === null || !intent.avoid.includes(known.version);
    const candidate = stays(intent.candidate) ? intent.candidate : null;
    return { ...intent, candidate, stable: null, further: intent.further.filter(stays), plan: AT_ONCE };
  });
const judged = ({ verdict, ms }: { verdict: AnalysisVerdict; ms: number }): Event => ({
  kind: 'judged',
  samples: {},
  verdicts: [{ metric: 'errors', verdict, message: 'errors' }],
  ms,
});
const happened: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(done) },
  fc
    .record(
      {
        moved: fc.constantFrom('no' as const, 'yes' as const, 'unknown' as const),
        answers: fc.boolean(),
        instead: version,
      },
      { requiredKeys: [] },
    )
    .map((more): Event => ({ kind: 'failed', failure, ...more })),
  { weight: 3, arbitrary: fc.record({ verdict: fc.constantFrom(...VERDICTS), ms: fc.nat(120) }).map(judged) },
  fc.constant<Event>({ kind: 'unknown', failure }),
  fc.constant<Event>({ kind: 'drifted', failure }),
  fc.constant<Event>({ kind: 'continued' }),
  fc.constant<Event>({ kind: 'cancelled', failure: { ...failure, reason: 'cancelled' } }),
);
const trouble = fc.array(happened, { maxLength: 30 });

/** What happens where all is well. */
const untroubled = ({ phase }: RolloutState): Event =>
  phase === 'baking' || phase === 'judging-labels' ? judged({ verdict: 'pass', ms: 100 }) : done;

/** What follows on the way to the end: events first, and then a world without further trouble. */
function run(first: Reduced, events: readonly Event[]): Reduced[] {
  const way = [first];
  for (let i = 0; i < 200; i++) {
    const { state } = way.at(-1) as Reduced;
    const goesOn = state.phase === 'paused' && events[i]?.kind === 'continued';
    if (hasEnded(state) && !goesOn) return way;
    way.push(reduce(state, events[i] ?? untroubled(state)));
  }
  throw new Error('does not end');
}

const shifted = ({ effects }: Reduced): string[] =>
  effects.flatMap((effect) =>
    effect.do === 'shift' ? effect.traffic.shares.map((share) => share.version) : [],
  );

const facts = fc.record({
  live: fc.option(version, { nil: null }),
  earlier: fc.option(version, { nil: undefined }),
  set: fc.option(name, { nil: undefined }),
});

const shareOf = (
  shares: readonly { version: string; weight: number }[],
  known: KnownVersion | null,
): number => shares.find((share) => share.version === known?.version)?.weight ?? 0;

/** Whether a deployment goes back to its own version. */
const isSame = ({ candidate, stable }: Intent): boolean => candidate?.version === stable?.version;

/** That something holds of every step of every way. */
const always = (holds: (step: Reduced, intent: Intent) => boolean) =>
  fc.property(intents, trouble, (intent, events) =>
    run(begin(intent), events).every((step) => holds(step, intent)),
  );

/** That something holds of every end. */
const inTheEnd = (holds: (state: RolloutState, intent: Intent) => boolean) =>
  fc.property(intents, trouble, (intent, events) => {
    const { state } = run(begin(intent), events).at(-1) as Reduced;
    return holds(state, intent);
  });

describe('whatever happens, a rollout', () => {
  test('ends, and never serves a version that it was to leave', () => {
    fc.assert(always((step, { avoid }) => shifted(step).every((served) => !avoid.includes(served))));
  });

  test('asks for something in every state but its ends', () => {
    fc.assert(always(({ state, effects }) => (effects.length === 0) === hasEnded(state)));
  });

  test('writes its journal before it moves the traffic', () => {
    fc.assert(
      always(({ effects }) => {
        const order = effects.map((effect) => effect.do);
        return !order.includes('shift') || /^save,(receive,)?shift$/.test(order.join());
      }),
    );
  });

  test('gives the candidate more of the traffic only after what was judged good', () => {
    fc.assert(
      fc.property(
        intents,
        trouble,
        fc.constantFrom(...VERDICTS),
        fc.nat(500),
        (intent, events, verdict, ms) =>
          run(begin(intent), events)
            .filter(({ state }) => state.phase === 'baking' || state.phase === 'judging-labels')
            .every(({ state }) => {
              const { phase } = reduce(state, judged({ verdict, ms })).state;
              const goesOn = !['baking', 'paused', 'switching-back', 'not-restored', 'staging'].includes(
                phase,
              );
              return !goesOn || verdict === 'pass';
            }),
      ),
    );
  });

  test('gives each version one share, and all of them come to everything', () => {
    fc.assert(
      always(({ effects }) =>
        effects.every((effect) => {
          if (effect.do !== 'shift') return true;
          const { shares } = effect.traffic;
          const sum = shares.reduce((all, one) => all + one.weight, 0);
          return (
            new Set(shares.map((share) => share.version)).size === shares.length &&
            (shares.length === 0 || sum === 100)
          );
        }),
      ),
    );
  });

  test('gives the candidate ever less of the traffic on the way back', () => {
    fc.assert(
      fc.property(intents, trouble, (intent, events) => {
        const way = run(begin(intent), events);
        const isBack = ({ phase }: RolloutState): boolean => phase === 'switching-back';
        const given = way.flatMap(({ state, effects }) =>
          effects.flatMap((effect) =>
            effect.do === 'shift'
              ? [{ isBack: isBack(state), share: shareOf(effect.traffic.shares, intent.candidate) }]
              : [],
          ),
        );
        return given.every(
          ({ isBack, share }, index) =>
            !isBack || share === 0 || share < (given[index - 1]?.share ?? 0) || isSame(intent),
        );
      }),
    );
  });

  test('that is a shadow gives the candidate no traffic', () => {
    fc.assert(
      always(
        ({ state, ...step }, { plan, candidate, stable, kind }) =>
          plan.keeps === 'candidate' ||
          kind === 'rollback' ||
          candidate?.version === stable?.version ||
          state.stable?.version === candidate?.version ||
          !shifted({ state, ...step }).includes(candidate?.version ?? ''),
      ),
    );
  });

  test('does nothing more without the environment', () => {
    fc.assert(always(({ state }) => reduce(state, { kind: 'lease-lost', failure }).effects.length === 0));
  });

  test('can be resumed from every state: it goes only where the ledger or the target says, and ends', () => {
    fc.assert(
      fc.property(intents, trouble, facts, trouble, (intent, before, known, after) => {
        const quiet = after.filter((event) => !('instead' in event));
        return run(begin(intent), before).every(({ state: dead }) => {
          const served = run(reduce(dead, { kind: 'resumed', ...known }), quiet).flatMap(shifted);
          const good = [known.live?.version, known.earlier?.version];
          const left = dead.kind === 'rollback' ? dead.avoid : [];
          return served.every((one) => good.includes(one) && !left.includes(one));
        });
      }),
    );
  });

  test('leaves its journal exactly where something may be served that the ledger does not say', () => {
    fc.assert(
      inTheEnd((state) => {
        const settled = ['recorded', 'untouched', 'restored'].includes(state.phase);
        return (
          parting(state) === (settled ? 'release' : 'leave') &&
          (state.phase !== 'untouched' || state.moved === 'no')
        );
      }),
    );
  });

  test('of a deployment ends with the candidate in the ledger, or with what was there before, unless going back failed', () => {
    fc.assert(
      inTheEnd(({ kind, phase, failure: why }) => {
        if (kind === 'rollback') return true;
        if (phase === 'not-restored') return why !== undefined;
        return ['recorded', 'untouched', 'restored', 'unsettled', 'paused', 'drifted'].includes(phase);
      }),
    );
  });
});
