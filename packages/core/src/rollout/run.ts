import { sharesBack, trafficOf } from './effects.ts';
import {
  CancelledError,
  UnknownOutcomeError,
  errorMessage,
  fileRefusal,
  isUserError,
} from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import { LeaseLostError } from '../ledger/lock.ts';
import { UnansweredPushError } from '../ledger/repository.ts';
import { DriftedError, FencedError, type Share } from '../serving/target.ts';
import { describeJournal, readJournal } from './journal.ts';
import type { MetricVerdict } from './analysis/metric-verdict.ts';
import { hasEnded, isCancellable, reduce } from './reduce.ts';
import type { Effect, Event, Failure, Phase, Reduced, RolloutState } from './state.ts';
import { VerificationError } from './verification.ts';

/** How a step went, as `result.steps` and the summary show it. */
export interface StepRecord {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly seconds: number;
  readonly verdict: 'pass' | 'fail';
  readonly message: string;
  /** The candidate's share of the traffic after it, in percent; there where the step moved traffic or watched it. */
  readonly weight?: number;
  /** What was judged, of a step that watched. */
  readonly verdicts?: MetricVerdict[];
}

/** What a rollout did, and how it ended. */
export interface Trace {
  readonly state: RolloutState;
  readonly steps: readonly StepRecord[];
  /** What was thrown by the step that `state.because` tells of. */
  readonly error?: unknown;
}

/** What was measured, and what that says. */
export type Judged = Omit<Extract<Event, { kind: 'judged' }>, 'kind'>;

/** What became of an effect that succeeded. */
export interface Done {
  /** A sentence about it, or nothing. */
  readonly message: string;
  readonly judged?: Judged;
  /** How the target is set up now, where it can say. */
  readonly generation?: string | undefined;
}

/** Does one effect; throws when it failed. */
export type Perform = (effect: Effect, state: RolloutState, signal: AbortSignal) => Promise<Done>;

type Detail = Pick<Extract<Event, { kind: 'failed' }>, 'moved' | 'answers' | 'instead' | 'generation'>;

/** What an effect that failed knows beside its error. */
export class EffectError extends Error {
  override readonly cause: unknown;
  readonly detail: Detail;
  constructor(cause: unknown, detail: Detail) {
    super(errorMessage(cause));
    this.name = 'EffectError';
    this.cause = cause;
    this.detail = detail;
  }
}

/** A phase as steps of `result` and the log call it. */
const STEPS: Partial<Record<Phase, readonly [name: string, title: string]>> = {
  staging: ['stage', 'Stage the release'],
  probing: ['probe', 'Ask the release while it has no traffic'],
  switching: ['switch', 'Switch the traffic'],
  'reading-back': ['read-back', 'Read back which version answers'],
  baking: ['bake', 'Watch the candidate'],
  'judging-labels': ['labels', 'Judge by the labels'],
  verifying: ['verify', 'Verify the version in service'],
  recording: ['record', 'Write the ledger'],
  settling: ['settle', 'Find out whether the ledger was written'],
  'staging-stable': ['stage-previous', 'Stage what the ledger says is live'],
  'switching-back': ['switch-back', 'Switch back to what was live before'],
  'reading-back-stable': ['read-back-previous', 'Read back the version restored'],
  'verifying-stable': ['verify-previous', 'Verify the version restored'],
};

/** Runs a rollout to its end; never throws. `lost` ends when somebody else has the environment. */
export async function runRollout(
  begin: Reduced,
  perform: Perform,
  { signal, lost }: { readonly signal: AbortSignal; readonly lost: AbortSignal },
  log: Pick<Log, 'group' | 'info'>,
): Promise<Trace> {
  const steps: StepRecord[] = [];
  let current = begin;
  let error: unknown;
  while (!hasEnded(current.state)) {
    const { state, effects } = current;
    const [name, title] = STEPS[state.phase] ?? [state.phase, state.phase];
    const started = new Date();
    const once = (): Promise<Ended> => phase(effects, state, perform, { signal, lost }, name);
    const { event, message, thrown } = await (state.phase === 'baking'
      ? once()
      : log.group(title, async () => {
          const done = await once();
          log.info(done.message);
          return done;
        }));
    current = reduce(state, event);
    const went = event.kind === 'done' || event.kind === 'judged' ? 'pass' : 'fail';
    const record = { ...stepRecord(name, started, went, message), ...seenIn(state, current.state) };
    // A step that watches is one step, however often it looks.
    const before = steps.at(-1);
    if (state.phase === 'baking' && before?.name === name && before.weight === record.weight)
      steps.splice(-1, 1, { ...record, started: before.started, seconds: before.seconds + record.seconds });
    else steps.push(record);
    if (state.phase === 'baking') log.info(progress(current.state, state.step));
    if (current.state.because !== undefined && state.because === undefined) error = thrown;
  }
  return { state: current.state, steps, ...(error === undefined ? {} : { error }) };
}

/** What a step did to the traffic, and what it judged. */
function seenIn(state: RolloutState, after: RolloutState): Pick<StepRecord, 'weight' | 'verdicts'> {
  const { phase, candidate, stable } = state;
  const weightOf = (shares: readonly Share[]): number =>
    shares.find(({ version }) => version === candidate?.version)?.weight ?? 0;
  switch (phase) {
    case 'switching':
    case 'reading-back':
      return { weight: weightOf(trafficOf(state).shares) };
    case 'baking':
      return { weight: weightOf(trafficOf(state).shares), verdicts: after.verdicts };
    case 'judging-labels':
      return { verdicts: after.verdicts };
    case 'switching-back':
      return { weight: candidate?.version === stable?.version ? 100 : weightOf(sharesBack(state)) };
    default:
      return {};
  }
}

/** One line: how far a step is that watches, and what it has seen. */
function progress(state: RolloutState, step: number): string {
  const at = state.plan.steps[step];
  const { weight, bake } = at !== undefined && 'weight' in at ? at : { weight: 0, bake: 0 };
  const goesOn = state.phase === 'baking' && state.step === step;
  const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
  const left = bake - state.baked;
  const time = !goesOn
    ? 'is done'
    : left > 0
      ? `${seconds(left)} left`
      : `${seconds(bake + state.plan.hold - state.baked)} left until it goes back`;
  const seen = state.verdicts.map(({ metric, slice, verdict, candidate, stable }) => {
    const beside = stable === undefined ? '' : ` beside ${stable.n}`;
    return `${metric}${slice === undefined ? '' : ` (${slice})`} ${verdict}, ${candidate?.n ?? 0} samples${beside}`;
  });
  return `Step ${step + 1} of ${state.plan.steps.length}, ${weight} % to ${state.candidate?.version ?? 'nothing'}: ${time}. ${seen.join('; ')}`;
}

interface Ended {
  readonly event: Event;
  readonly message: string;
  readonly thrown?: unknown;
}

async function phase(
  effects: readonly Effect[],
  state: RolloutState,
  perform: Perform,
  { signal, lost }: { readonly signal: AbortSignal; readonly lost: AbortSignal },
  step: string,
): Promise<Ended> {
  const cancellable = isCancellable(state);
  const said: string[] = [];
  let generation: string | undefined;
  for (const effect of effects) {
    // A push that took the lock with it looks like a lost lease until the ledger was read.
    const ends = effect.do === 'commit' || effect.do === 'settle' ? [] : [lost];
    const watched = AbortSignal.any([...ends, ...(cancellable ? [signal] : [])]);
    try {
      watched.throwIfAborted();
      const done = await perform(effect, state, watched);
      said.push(done.message);
      generation = done.generation ?? generation;
      if (done.judged !== undefined)
        return { event: { kind: 'judged', ...done.judged }, message: sentences(said) };
    } catch (error) {
      const found = eventOf(error, effect, step, cancellable);
      const event =
        (effect.do === 'save' || effect.do === 'receive') && found.kind === 'failed'
          ? { ...found, moved: 'no' as const }
          : found;
      const spared = 'must' in effect && !effect.must && event.kind === 'failed';
      if (!spared) return { event, message: errorMessage(error), thrown: error };
      said.push(`${SPARED[effect.do]}: ${errorMessage(error)}`);
    }
  }
  return { event: { kind: 'done', generation }, message: sentences(said) };
}

const SPARED = {
  save: 'The journal could not be written',
  receive: 'It gets its share all the same',
};

const sentences = (said: readonly string[]): string => said.filter((one) => one !== '').join(' ');

function eventOf(error: unknown, effect: Effect, step: string, cancellable: boolean): Event {
  if (error instanceof LeaseLostError) return { kind: 'lease-lost', failure: lossOf(error, step) };
  if (error instanceof FencedError)
    return {
      kind: 'lease-lost',
      failure: { step, decision: 'fail', reason: 'locked', message: fenced(error) },
    };
  // Cut off in the middle of its push, nobody knows what the ledger has; a journal is written again or not needed.
  if (error instanceof UnknownOutcomeError && effect.do === 'commit')
    return { kind: 'unknown', failure: failureOf(error, step) };
  if (error instanceof DriftedError)
    return {
      kind: 'drifted',
      failure: { step, decision: 'fail', reason: 'drifted', message: drifted(error) },
    };
  if (error instanceof CancelledError) {
    const message = `The step was cancelled (${error.signalName}).`;
    const failure: Failure = { step, decision: 'error', reason: 'cancelled', message };
    return cancellable ? { kind: 'cancelled', failure } : { kind: 'failed', failure };
  }
  if (error instanceof UnansweredPushError)
    return { kind: 'unknown', failure: failureOf(error.cause, step, error.message) };
  if (error instanceof EffectError)
    return { kind: 'failed', failure: failureOf(error.cause, step), ...error.detail };
  if (error instanceof VerificationError)
    return {
      kind: 'failed',
      failure: { step, decision: 'fail', reason: 'verification-failed', message: error.message },
      answers: error.answers,
    };
  return { kind: 'failed', failure: failureOf(error, step) };
}

function failureOf(error: unknown, step: string, message = errorMessage(error)): Failure {
  const known = isUserError(error) ? error : fileRefusal(error);
  if (known === undefined) return { step, decision: 'error', reason: 'internal', message };
  const said = known === error ? message : known.message;
  return { step, decision: known.decision, reason: known.reasonCode, message: said };
}

function lossOf({ by }: LeaseLostError, step: string): Failure {
  const journal = by === undefined ? undefined : readJournal(by.content);
  const who =
    by === undefined
      ? 'Another run took it and has ended since, or somebody removed the lock'
      : `${capital(describeJournal(journal))} took it over`;
  return {
    step,
    decision: 'fail',
    reason: journal?.owner.kind === 'rollback' ? 'pre-empted' : 'locked',
    message: `The environment is not this run's any more. ${who}. This run stops and touches nothing.`,
  };
}

const fenced = ({ message }: FencedError): string =>
  `The environment is not this run's any more: ${message}. This run stops and touches nothing.`;

const drifted = ({ message }: DriftedError): string =>
  `Somebody else moves the traffic: ${message}. This run stops and leaves it to them. Take the target out of what moves it, such as a controller that follows another repository, and run this again.`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The record of a step that ends now. */
export function stepRecord(
  name: string,
  started: Date,
  verdict: StepRecord['verdict'],
  message: string,
): StepRecord {
  const seconds = (Date.now() - started.getTime()) / 1000;
  return { name, started: started.toISOString(), seconds, verdict, message };
}
