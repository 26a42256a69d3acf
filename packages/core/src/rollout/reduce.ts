import { worstVerdict } from './analysis/metric-verdict.ts';
import { AT_ONCE } from './plan.ts';
import { resume } from './resume.ts';
import { effectsOf, firstStepBack, weightStep } from './effects.ts';
import { LABELS } from './state.ts';
import type {
  Event,
  Failure,
  Kind,
  KnownVersion,
  Phase,
  Reduced,
  RolloutPlan,
  RolloutState,
} from './state.ts';

/*
 * The engine: which state follows, and what is to be done in it. Effects are a function of the state alone, so that a state
 * that was read from a journal can be gone on with.
 */

/** What a rollout sets out to do. */
export interface Intent {
  readonly kind: Kind;
  readonly candidate: KnownVersion | null;
  readonly stable: KnownVersion | null;
  readonly avoid: readonly string[];
  readonly further: readonly KnownVersion[];
  readonly plan: RolloutPlan;
  /** The target's name of how it is set up. */
  readonly generation?: string | undefined;
}

/** The state of a run that has the environment and has not decided what to do. */
export function claimed(kind: Kind, candidate: KnownVersion | null): RolloutState {
  const nothing = { stable: null, avoid: [], further: [], plan: AT_ONCE };
  return { ...begin({ kind, candidate, ...nothing }).state, phase: 'claimed' };
}

/** The first state of a rollout. */
export function begin(intent: Intent): Reduced {
  const { candidate, avoid, further, plan, generation, ...rest } = intent;
  const isAlone = intent.stable === null || intent.stable.version === candidate?.version;
  const state: RolloutState = {
    ...rest,
    candidate,
    avoid: [...avoid],
    further: [...further],
    plan: isAlone && plan.keeps === 'candidate' ? withoutStable(plan) : plan,
    phase: candidate === null ? 'switching' : 'staging',
    step: 0,
    stepBack: 0,
    baked: 0,
    samples: {},
    verdicts: [],
    moved: 'no',
    pushes: 0,
    notes: [],
    ...(generation === undefined ? {} : { generation }),
  };
  if (plan.keeps === 'candidate' || !isAlone) return reduced(state);
  const message = `Nothing${intent.stable === null ? '' : ' else'} is served that a ${plan.name} could be compared with. Deploy a first version with the strategy 'direct'.`;
  const because: Failure = { step: 'stage', decision: 'fail', reason: 'bad-config', message };
  return reduced({ ...state, phase: 'untouched', because });
}

/** Where nothing else is served, there is nothing to share the traffic with and nothing to compare with. */
const withoutStable = (plan: RolloutPlan): RolloutPlan => ({ ...plan, steps: AT_ONCE.steps });

/** What follows from an event. A rollout that has ended stays so, unless another run resumes it. */
export function reduce(state: RolloutState, event: Event): Reduced {
  if (event.kind === 'resumed') return reduced(resume(state, event));
  if (event.kind === 'continued' && state.phase === 'paused') return reduced(goOn(state));
  if (hasEnded(state)) return reduced(state);
  switch (event.kind) {
    case 'done':
      return reduced(
        advance(event.generation === undefined ? state : { ...state, generation: event.generation }),
      );
    case 'judged':
      return reduced(isWatched(state) ? judged(state, event) : state);
    case 'failed':
      return reduced(fail(state, event));
    case 'unknown':
      return reduced(doubt(state, event.failure));
    case 'cancelled':
      return reduced(cancel(state, event.failure));
    case 'lease-lost':
      return reduced({ ...state, phase: 'lost', because: event.failure });
    case 'drifted':
      return reduced({ ...state, phase: 'drifted', because: event.failure });
    case 'continued':
      return reduced(state);
  }
}

const ENDS: readonly Phase[] = [
  'recorded',
  'untouched',
  'restored',
  'not-restored',
  'unrecorded',
  'unsettled',
  'lost',
  'drifted',
  'paused',
];

export function hasEnded({ phase }: RolloutState): boolean {
  return ENDS.includes(phase);
}

/**
 * What becomes of the journal when a run ends in this state. It stays where what is served is not what the ledger says, or
 * may not be: the next run has to settle that first.
 */
export function parting({ phase, moved }: RolloutState): 'release' | 'leave' | 'nothing' {
  if (phase === 'lost') return 'nothing';
  if (phase === 'recorded' || phase === 'untouched' || phase === 'restored') return 'release';
  return phase === 'claimed' && moved === 'no' ? 'release' : 'leave';
}

/** Whether the candidate is being judged. */
const isWatched = ({ phase }: Pick<RolloutState, 'phase'>): boolean =>
  phase === 'baking' || phase === 'judging-labels';

/** Whether a cancellation ends what is being done. The way back, and out of a bad version, is what a cancellation asks for. */
export function isCancellable({ kind, phase }: RolloutState): boolean {
  if (phase === 'staging' || phase === 'probing' || phase === 'verifying') return true;
  if (isWatched({ phase })) return true;
  return (phase === 'switching' || phase === 'reading-back') && kind === 'deploy';
}

const reduced = (state: RolloutState): Reduced => ({ state, effects: effectsOf(state) });

function advance(state: RolloutState): RolloutState {
  switch (state.phase) {
    case 'staging':
      // A rollback is in a hurry, and its candidate was in service before.
      return { ...state, phase: state.plan.probe && state.kind === 'deploy' ? 'probing' : 'switching' };
    case 'probing':
      return { ...state, phase: 'switching' };
    case 'switching':
      return { ...state, phase: 'reading-back', moved: 'yes' };
    case 'reading-back':
      return weightStep(state).bake > 0 ? { ...state, phase: 'baking' } : nextStep(state);
    case 'verifying':
      return { ...state, phase: 'recording' };
    case 'recording':
    case 'settling':
      return { ...state, phase: 'recorded' };
    case 'staging-stable':
      return { ...state, phase: 'switching-back' };
    case 'switching-back':
      return { ...state, phase: 'reading-back-stable' };
    case 'reading-back-stable':
      if (state.stepBack + 1 < state.plan.restore.length)
        return { ...state, phase: 'switching-back', stepBack: state.stepBack + 1 };
      return { ...state, phase: state.stable === null ? 'restored' : 'verifying-stable' };
    case 'verifying-stable':
      return { ...state, phase: 'restored' };
    default:
      return state;
  }
}

/** What comes after a step that holds. */
function nextStep(state: RolloutState): RolloutState {
  const step = state.step + 1;
  const next = state.plan.steps[step];
  if (next === undefined) {
    // What was only looked at goes again.
    if (state.plan.keeps === 'stable')
      return { ...state, phase: 'switching-back', stepBack: firstStepBack(state) };
    return { ...state, phase: state.candidate === null ? 'recording' : 'verifying' };
  }
  return { ...state, step, baked: 0, phase: 'pause' in next ? 'paused' : 'switching' };
}

/** From a pause: on, or first to what the labels say. */
function goOn(state: RolloutState): RolloutState {
  const at = state.plan.steps[state.step];
  return at !== undefined && 'pause' in at && at.pause === LABELS
    ? { ...state, phase: 'judging-labels' }
    : nextStep(state);
}

/** What was found: on with it, back, or watch for longer. Too little data holds, and never passes. */
function judged(
  before: RolloutState,
  { samples, verdicts, ms }: Extract<Event, { kind: 'judged' }>,
): RolloutState {
  const state = { ...before, samples, verdicts: [...verdicts], baked: before.baked + ms };
  const verdict = worstVerdict(verdicts);
  const failure = (reason: string): Failure => {
    const message = verdicts.filter((one) => one.verdict === verdict).map((one) => one.message);
    return { step: 'bake', decision: 'fail', reason, message: message.join(' ') };
  };
  if (verdict === 'fail') return turn(state, failure('analysis-failed'));
  if (state.phase === 'judging-labels')
    return verdict === 'pass' ? nextStep(state) : { ...state, phase: 'paused' };
  const { bake } = weightStep(state);
  if (state.baked < bake) return state;
  if (verdict === 'pass') return nextStep(state);
  return state.baked < bake + state.plan.hold ? state : turn(state, failure('inconclusive'));
}

function fail(before: RolloutState, event: Extract<Event, { kind: 'failed' }>): RolloutState {
  const { failure, moved = 'unknown', answers = false, instead } = event;
  const state =
    event.generation === undefined
      ? moved === 'no'
        ? before
        : afterShift(before)
      : { ...before, generation: event.generation };
  switch (state.phase) {
    case 'claimed':
    case 'staging':
    case 'probing':
      if (isOnesOwn(state, failure)) return turn(state, failure);
      return state.moved === 'no' ? { ...state, phase: 'untouched', because: failure } : turn(state, failure);
    case 'switching':
      if (isOnesOwn(state, failure) && moved === 'no') return turn(state, failure);
      if (moved === 'no' && state.moved === 'no') return { ...state, phase: 'untouched', because: failure };
      if (state.kind === 'deploy' || moved !== 'yes') return turn({ ...state, moved: 'unknown' }, failure);
      // A reload that fails says little of a server that restarts by itself: reading back judges.
      return { ...state, phase: 'reading-back', moved: 'yes', notes: [...state.notes, failure.message] };
    case 'verifying':
      return state.kind === 'rollback' && answers
        ? { ...state, phase: 'recording', because: failure }
        : turn(state, failure);
    case 'reading-back':
    case 'baking':
      return turn(state, failure);
    case 'judging-labels':
      return { ...state, phase: 'paused', notes: [...state.notes, failure.message] };
    case 'recording':
      if (instead !== undefined) return back({ ...state, stable: instead }, failure, 'staging-stable');
      return state.kind === 'deploy' ? back(state, failure) : { ...state, phase: 'unrecorded', failure };
    case 'settling':
      return state.pushes < MOST_PUSHES
        ? { ...state, phase: 'recording' }
        : { ...state, phase: 'unsettled', because: failure };
    case 'switching-back':
      if (moved !== 'yes' && state.stepBack + 1 < state.plan.restore.length) return atOnce(state, failure);
      return moved === 'yes'
        ? { ...state, phase: 'reading-back-stable', notes: [...state.notes, failure.message] }
        : { ...state, phase: 'not-restored', failure };
    case 'reading-back-stable':
      if (state.stepBack + 1 < state.plan.restore.length) return atOnce(state, failure);
      return { ...state, phase: 'not-restored', failure };
    default:
      return { ...state, phase: 'not-restored', failure };
  }
}

/** All of the way back that is left in one step, where it does not go step by step. */
function atOnce(state: RolloutState, { message }: Failure): RolloutState {
  const stepBack = state.plan.restore.length - 1;
  return { ...state, phase: 'switching-back', stepBack, notes: [...state.notes, message] };
}

/**
 * Where a move of the traffic was cut off, the target may be set up as it left it: no name of a set-up is held against our own
 * way back, which would take that for somebody else's.
 */
function afterShift(state: RolloutState): RolloutState {
  const isMoving = state.phase === 'switching' || state.phase === 'switching-back';
  return isMoving ? { ...state, generation: undefined } : state;
}

/** How often the ledger is pushed to when no answer comes, and it then says that nothing had arrived. */
const MOST_PUSHES = 2;

/** Whether a rollback has another version to go to, and it is this one that did not come up. */
const isOnesOwn = ({ kind, further }: RolloutState, { reason }: Failure): boolean =>
  kind === 'rollback' && further.length > 0 && reason === 'verification-failed';

/** The way from a candidate that does not work: a deployment goes back, a rollback goes on. */
function turn(state: RolloutState, because: Failure): RolloutState {
  if (state.kind === 'deploy') return back(state, because);
  const [candidate, ...further] = state.further;
  if (candidate === undefined) return { ...state, phase: 'not-restored', because };
  const passed = `${state.candidate?.version ?? 'Nothing'} was passed over: ${because.message}`;
  return {
    ...state,
    phase: 'staging',
    candidate,
    further,
    step: 0,
    baked: 0,
    notes: [...state.notes, passed],
  };
}

/** Back to what is good, which is never a version that was to be left. */
function back(
  state: RolloutState,
  because: Failure,
  phase: 'switching-back' | 'staging-stable' = 'switching-back',
): RolloutState {
  const left = state.stable !== null && state.avoid.includes(state.stable.version);
  const stepBack = firstStepBack(state);
  return { ...state, phase: left ? 'not-restored' : phase, stepBack, because };
}

function doubt(state: RolloutState, failure: Failure): RolloutState {
  switch (state.phase) {
    case 'switching':
      return {
        ...afterShift(state),
        phase: 'reading-back',
        moved: 'unknown',
        notes: [...state.notes, failure.message],
      };
    case 'recording':
      return { ...state, phase: 'settling', pushes: state.pushes + 1 };
    case 'settling':
      return { ...state, phase: 'unsettled', because: failure };
    default:
      return fail(state, { kind: 'failed', failure });
  }
}

function cancel(state: RolloutState, because: Failure): RolloutState {
  if (!isCancellable(state)) return state;
  const nothingMoved = state.moved === 'no' && (state.phase === 'staging' || state.phase === 'probing');
  if (nothingMoved) return { ...state, phase: 'untouched', because };
  if (state.kind === 'deploy') return back(afterShift(state), because);
  // A rollback that has moved the traffic is worth no less without its last checks.
  return { ...state, phase: state.phase === 'verifying' ? 'recording' : 'not-restored', because };
}
