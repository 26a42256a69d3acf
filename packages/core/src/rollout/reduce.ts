import type {
  Effect,
  Event,
  Facts,
  Failure,
  Kind,
  KnownVersion,
  Phase,
  Reduced,
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
  readonly strategy: string;
  readonly weights: readonly number[];
}

/** The state of a run that has the environment and has not decided what to do. */
export function claimed(kind: Kind, candidate: KnownVersion | null): RolloutState {
  const nothing = { stable: null, avoid: [], further: [], strategy: '', weights: [] };
  return { ...begin({ kind, candidate, ...nothing }).state, phase: 'claimed' };
}

/** The first state of a rollout. */
export function begin(intent: Intent): Reduced {
  const { candidate, avoid, further, weights } = intent;
  return reduced({
    ...intent,
    avoid: [...avoid],
    further: [...further],
    weights: [...weights],
    phase: candidate === null ? 'switching' : 'staging',
    step: 0,
    moved: 'no',
    pushes: 0,
    notes: [],
  });
}

/** What follows from an event. A rollout that has ended stays so, unless another run resumes it. */
export function reduce(state: RolloutState, event: Event): Reduced {
  if (event.kind === 'resumed') return reduced(resume(state, event));
  if (hasEnded(state)) return reduced(state);
  switch (event.kind) {
    case 'done':
      return reduced(advance(state));
    case 'failed':
      return reduced(fail(state, event));
    case 'unknown':
      return reduced(doubt(state, event.failure));
    case 'cancelled':
      return reduced(cancel(state, event.failure));
    case 'lease-lost':
      return reduced({ ...state, phase: 'lost', because: event.failure });
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

/** Whether a cancellation ends what is being done. The way back, and out of a bad version, is what a cancellation asks for. */
export function isCancellable({ kind, phase }: RolloutState): boolean {
  if (phase === 'staging' || phase === 'verifying') return true;
  return (phase === 'switching' || phase === 'reading-back') && kind === 'deploy';
}

const reduced = (state: RolloutState): Reduced => ({ state, effects: effectsOf(state) });

function effectsOf(state: RolloutState): Effect[] {
  const { candidate, stable } = state;
  switch (state.phase) {
    case 'staging':
      return candidate === null ? [] : [{ do: 'stage', version: candidate }];
    case 'switching':
      return [
        { do: 'save', must: true },
        { do: 'shift', shares: sharesOf(state) },
      ];
    case 'reading-back':
      return [{ do: 'observe', version: candidate }];
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
        { do: 'shift', shares: all(stable) },
      ];
    case 'reading-back-stable':
      return [{ do: 'observe', version: stable }];
    case 'verifying-stable':
      return stable === null ? [] : [{ do: 'ready', version: stable }];
    default:
      return [];
  }
}

const names = (...versions: readonly (KnownVersion | null)[]): string[] =>
  versions.flatMap((known) => (known === null ? [] : [known.version]));

const all = (known: KnownVersion | null): { version: string; weight: number }[] =>
  known === null ? [] : [{ version: known.version, weight: 100 }];

function sharesOf({ candidate, stable, weights, step }: RolloutState): { version: string; weight: number }[] {
  const weight = weights[step] ?? 100;
  if (candidate === null || weight === 100 || stable === null) return all(candidate);
  return [
    { version: candidate.version, weight },
    { version: stable.version, weight: 100 - weight },
  ];
}

function advance(state: RolloutState): RolloutState {
  switch (state.phase) {
    case 'staging':
      return { ...state, phase: 'switching' };
    case 'switching':
      return { ...state, phase: 'reading-back', moved: 'yes' };
    case 'reading-back':
      if (state.step + 1 < state.weights.length)
        return { ...state, phase: 'switching', step: state.step + 1 };
      return { ...state, phase: state.candidate === null ? 'recording' : 'verifying' };
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
      return { ...state, phase: state.stable === null ? 'restored' : 'verifying-stable' };
    case 'verifying-stable':
      return { ...state, phase: 'restored' };
    default:
      return state;
  }
}

function fail(state: RolloutState, event: Extract<Event, { kind: 'failed' }>): RolloutState {
  const { failure, moved = 'unknown', answers = false, instead } = event;
  switch (state.phase) {
    case 'claimed':
    case 'staging':
      return state.moved === 'no' ? { ...state, phase: 'untouched', because: failure } : turn(state, failure);
    case 'switching':
      if (moved === 'no' && state.moved === 'no') return { ...state, phase: 'untouched', because: failure };
      if (state.kind === 'deploy' || moved !== 'yes') return turn({ ...state, moved: 'unknown' }, failure);
      // A reload that fails says little of a server that restarts by itself: reading back judges.
      return { ...state, phase: 'reading-back', moved: 'yes', notes: [...state.notes, failure.message] };
    case 'verifying':
      return state.kind === 'rollback' && answers
        ? { ...state, phase: 'recording', because: failure }
        : turn(state, failure);
    case 'reading-back':
      return turn(state, failure);
    case 'recording':
      if (instead !== undefined) return back({ ...state, stable: instead }, failure, 'staging-stable');
      return state.kind === 'deploy' ? back(state, failure) : { ...state, phase: 'unrecorded', failure };
    case 'settling':
      return state.pushes < MOST_PUSHES
        ? { ...state, phase: 'recording' }
        : { ...state, phase: 'unsettled', because: failure };
    case 'switching-back':
      return moved === 'yes'
        ? { ...state, phase: 'reading-back-stable', notes: [...state.notes, failure.message] }
        : { ...state, phase: 'not-restored', failure };
    default:
      return { ...state, phase: 'not-restored', failure };
  }
}

/** How often the ledger is pushed to when no answer comes, and it then says that nothing had arrived. */
const MOST_PUSHES = 2;

/** The way from a candidate that does not work: a deployment goes back, a rollback goes on. */
function turn(state: RolloutState, because: Failure): RolloutState {
  if (state.kind === 'deploy') return back(state, because);
  const [candidate, ...further] = state.further;
  if (candidate === undefined) return { ...state, phase: 'not-restored', because };
  const passed = `${state.candidate?.version ?? 'Nothing'} was passed over: ${because.message}`;
  return { ...state, phase: 'staging', candidate, further, step: 0, notes: [...state.notes, passed] };
}

/** Back to what is good, which is never a version that was to be left. */
function back(
  state: RolloutState,
  because: Failure,
  phase: 'switching-back' | 'staging-stable' = 'switching-back',
): RolloutState {
  const left = state.stable !== null && state.avoid.includes(state.stable.version);
  return { ...state, phase: left ? 'not-restored' : phase, because };
}

function doubt(state: RolloutState, failure: Failure): RolloutState {
  switch (state.phase) {
    case 'switching':
      return { ...state, phase: 'reading-back', moved: 'unknown', notes: [...state.notes, failure.message] };
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
  if (state.moved === 'no' && state.phase === 'staging') return { ...state, phase: 'untouched', because };
  if (state.kind === 'deploy') return back(state, because);
  // A rollback that has moved the traffic is worth no less without its last checks.
  return { ...state, phase: state.phase === 'verifying' ? 'recording' : 'not-restored', because };
}

/**
 * What is left to do for a rollout that died. A rollback goes forward and a deployment back; a journal only explains why the
 * target is not as the ledger says, and never names a version that neither of them does.
 */
function resume(dead: RolloutState, { live, earlier, set }: Facts): RolloutState {
  const state: RolloutState = { ...dead, further: [], notes: [], pushes: 0, weights: [100], step: 0 };
  if ((dead.phase === 'claimed' || dead.phase === 'staging') && dead.moved === 'no')
    return { ...state, phase: 'untouched', because: died(dead) };
  const isLive = live !== undefined && live?.version === dead.candidate?.version;
  const forward = dead.kind === 'rollback' && !isLive && set !== undefined && !dead.avoid.includes(set);
  if (forward && earlier?.version === set)
    return {
      ...state,
      phase: 'switching',
      candidate: earlier,
      stable: null,
      avoid: names(live ?? null),
      moved: 'unknown',
    };
  // What was to be left is not put back; the run that resumes goes on with its own wish.
  const left =
    dead.kind === 'rollback' && names(live ?? null).some((version) => dead.avoid.includes(version));
  if (live === undefined || left) return { ...state, phase: 'untouched', because: died(dead) };
  return {
    ...state,
    kind: 'deploy',
    phase: 'switching-back',
    stable: live,
    avoid: [],
    moved: 'unknown',
    because: died(dead),
  };
}

function died({ phase, candidate }: RolloutState): Failure {
  const message = `The rollout of ${candidate?.version ?? 'nothing'} died (${phase}).`;
  return { step: phase, decision: 'error', reason: 'cancelled', message };
}
