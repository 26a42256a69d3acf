import type { Share, Traffic } from '../serving/target.ts';
import type { Effect, KnownVersion, RolloutState, WeightStep } from './state.ts';

/*
 * What a state asks for: a function of the state alone, so that a state that was read from a journal can be gone on with.
 */

/** What is to be done in a state, in this order. */
export function effectsOf(state: RolloutState): Effect[] {
  const { candidate, stable, plan } = state;
  switch (state.phase) {
    case 'staging':
      return candidate === null ? [] : [{ do: 'stage', version: candidate }];
    case 'probing':
      return candidate === null ? [] : [{ do: 'probe', version: candidate }];
    case 'switching':
      return [
        { do: 'save', must: true },
        ...receiving(state, candidate, true),
        { do: 'shift', traffic: trafficOf(state) },
      ];
    case 'reading-back':
      return [{ do: 'observe', shares: trafficOf(state).shares }];
    case 'baking':
      return [
        { do: 'save', must: true },
        { do: 'sample', ms: tickOf(state) },
      ];
    case 'judging-labels':
      return [{ do: 'join-labels' }];
    case 'verifying':
      return candidate === null ? [] : [{ do: 'verify', version: candidate }];
    case 'recording':
      return [{ do: 'retire', keep: names(candidate, stable, ...state.further) }, { do: 'commit' }];
    case 'settling':
      return [{ do: 'settle' }];
    case 'staging-stable':
      return stable === null ? [] : [{ do: 'stage', version: stable }];
    case 'switching-back':
      // Where the remote cannot be asked, leaving an unverified version in service is worse than not knowing whose turn it is.
      return [
        { do: 'save', must: false },
        ...receiving(state, stable, false),
        { do: 'shift', traffic: { shares: sharesBack(state) } },
      ];
    case 'reading-back-stable': {
      const bake = plan.restore[state.stepBack]?.bake ?? 0;
      return [
        { do: 'observe', shares: sharesBack(state) },
        ...(bake === 0 ? [] : [{ do: 'wait', ms: bake } as const]),
      ];
    }
    case 'verifying-stable':
      return stable === null ? [] : [{ do: 'ready', version: stable }];
    default:
      return [];
  }
}

/** A version is ready before it gets a share; going back waits for nobody who may never come up. */
function receiving({ plan }: RolloutState, version: KnownVersion | null, must: boolean): Effect[] {
  return plan.probe && version !== null ? [{ do: 'receive', version, must }] : [];
}

/** The longest time between two judgements of a step. */
const LONGEST_TICK_MS = 20_000;
const SHORTEST_TICK_MS = 250;

function tickOf(state: RolloutState): number {
  const bake = weightStep(state).bake;
  const left = bake - state.baked;
  const tick = Math.min(LONGEST_TICK_MS, Math.max(SHORTEST_TICK_MS, bake / 10));
  return left > 0 ? Math.min(tick, left) : tick;
}

/** Names of versions. */
export const names = (...versions: readonly (KnownVersion | null)[]): string[] =>
  versions.flatMap((known) => (known === null ? [] : [known.version]));

const all = (known: KnownVersion | null): Share[] =>
  known === null ? [] : [{ version: known.version, weight: 100 }];

/** The step that is next, or in effect; all traffic where the plan is a pause. */
export function weightStep({ plan, step }: RolloutState): WeightStep {
  const found = plan.steps[step];
  return found !== undefined && 'weight' in found ? found : { weight: 100, bake: 0 };
}

/** How the requests reach the versions in the step that is next, or in effect. */
export function trafficOf(state: RolloutState): Traffic {
  const { candidate, stable } = state;
  const { weight, mirror, route, key } = weightStep(state);
  if (candidate === null || weight === 100 || stable === null) return { shares: all(candidate) };
  const { version } = candidate;
  // Nothing can be shared with itself.
  if (version === stable.version) return { shares: all(candidate) };
  return {
    shares: split({ version, weight }, stable.version),
    ...(mirror === undefined ? {} : { mirror: { version, percent: mirror } }),
    ...(route === undefined ? {} : { route: { ...route, version } }),
    ...(key === undefined ? {} : { key }),
  };
}

/** What stable gets by now on the way back; the candidate keeps the rest for so long. */
export function sharesBack({ stable, candidate, plan, stepBack }: RolloutState): readonly Share[] {
  const weight = plan.restore[stepBack]?.weight ?? 100;
  if (stable === null || candidate === null || weight === 100) return all(stable);
  if (stable.version === candidate.version) return all(stable);
  return split({ version: stable.version, weight }, candidate.version);
}

/**
 * Where the way back begins: with the first share of the stable version that leaves the candidate less than it has, of what
 * may be in effect the least. A shadow that had no traffic gets none on its way out.
 */
export function firstStepBack({ plan, step, phase }: RolloutState): number {
  const { steps, restore } = plan;
  const done = steps.slice(0, phase === 'switching' ? step : step + 1);
  const had = done.flatMap((one) => ('weight' in one ? [one.weight] : [])).at(-1) ?? 0;
  const first = restore.findIndex(({ weight }) => weight === 100 || 100 - weight < had);
  return Math.max(0, first);
}

/** The share of one version, and the rest for another; the heaviest first. */
function split({ version, weight }: Share, rest: string): readonly Share[] {
  const shares = [
    { version, weight },
    // Without what a computer leaves of 100 - 14.29.
    { version: rest, weight: Number((100 - weight).toFixed(6)) },
  ];
  return shares.filter((share) => share.weight > 0).sort((a, b) => b.weight - a.weight);
}
