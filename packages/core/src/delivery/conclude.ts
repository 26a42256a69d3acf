import { types } from 'node:util';
import type { Decision } from '../action/outcome.ts';
import { isListed, type CommonReason, type ReasonCode, type ReasonRows } from '../action/reasons.ts';
import type { Trace } from '../rollout/run.ts';
import type { Failure } from '../rollout/state.ts';
import type { Check } from '../serving/checks.ts';
import type { LiveState } from '../serving/target.ts';

/** Why a rollout did not do what was asked. */
export interface RolloutFailure<Reason extends ReasonCode> {
  readonly decision: Exclude<Decision, 'pass' | 'warn'>;
  readonly reasonCode: Reason;
  /** What became of the candidate, for the headline. */
  readonly verdict: string;
  readonly message: string;
}

/** What the message has to name. */
export interface Subject<Own extends ReasonCode> {
  readonly model: string;
  readonly environment: string;
  /** Reason code of a failure after which the stable version was restored. */
  readonly whenRestored: Own;
  /** The action's own reason codes. */
  readonly reasons: ReasonRows<Own>;
}

/** What was found out of what is served; without it nothing was. */
interface Known {
  readonly checks: readonly Check[];
  readonly live: LiveState;
}

type Failed = 'verification-failed' | 'restore-failed' | 'locked';
type Cause<Own extends ReasonCode> = Pick<RolloutFailure<Own>, 'decision' | 'reasonCode'>;

/** What a rollout that did not reach its end means for the user; undefined for one that did. An error that is a bug is thrown again. */
export function concludeFailure<Own extends ReasonCode>(
  { state, error, checks = [], live }: Pick<Trace, 'state' | 'error'> & Partial<Known>,
  { model, environment, whenRestored, reasons }: Subject<Own | Failed>,
): RolloutFailure<Own | Failed | CommonReason> | undefined {
  const { because, failure, stable, avoid } = state;
  const candidate =
    state.candidate === null ? `serving nothing of ${model}` : `${model} ${state.candidate.version}`;
  const notes = state.notes.map((note) => ` ${note}`).join('');
  const why =
    because === undefined ? '' : `${DOING[because.step] ?? because.step}: ${because.message}${notes}`;
  const own = (of: Failure): Cause<Own | Failed | CommonReason> => ownReason(reasons, of, error);
  const left = avoid.length === 0 ? '' : ` ${avoid.join(', ')}, which was to be left, was not put back.`;
  switch (state.phase) {
    case 'recorded':
      if (because === undefined) return undefined;
      return {
        ...causeOf(because, 'verification-failed', own),
        verdict: `is back in ${environment}, and not everything about it holds`,
        message: `${environment} is at ${candidate} and the ledger says so, but not everything about it holds.${left} Roll back further, or deploy a version that works. ${why}`,
      };
    case 'untouched':
      return {
        ...(because === undefined ? { decision: 'error', reasonCode: 'internal' } : own(because)),
        verdict: `was not deployed to ${environment}`,
        message: `${candidate} was not deployed to ${environment}, and nothing was changed there. ${why}`,
      };
    case 'restored':
      if (because === undefined) return undefined;
      return {
        ...causeOf(because, stable === null ? 'verification-failed' : whenRestored, own),
        verdict: `was taken out of ${environment} again${stable === null ? ', which serves no version as before' : ''}`,
        message:
          stable === null
            ? `${candidate} was taken out of ${environment} again, which serves no version as before. ${why}`
            : `${candidate} was taken out of ${environment} again; ${stable.version} is served as before, ${live === undefined || live.answer.kind === 'not-asked' ? 'by what the target is set to, for there is no server to ask' : 'read back and ready'}. ${why}`,
      };
    case 'unrecorded':
      return {
        ...(failure === undefined ? { decision: 'error', reasonCode: 'internal' } : own(failure)),
        verdict: `is served in ${environment}, and the ledger could not be written`,
        message:
          `${environment} serves ${candidate}, but the ledger could not be written: ${failure?.message ?? ''}${left} Run this step again when that is settled: it goes on from here. ${why}`.trim(),
      };
    case 'unsettled':
      return {
        decision: 'error',
        reasonCode: because?.reason === 'cancelled' ? 'cancelled' : 'service-unavailable',
        verdict: `is served in ${environment}, and whether the ledger says so is not known`,
        message: `${environment} serves ${candidate}, ${isVerified(checks) ? 'verified' : 'not verified'}, and whether the ledger says so is not known: ${because?.message ?? ''} It stays in service. Run this step again when the remote answers: it finds out and goes on.`,
      };
    case 'paused':
      return undefined;
    case 'drifted':
      return {
        ...(because === undefined ? { decision: 'fail', reasonCode: 'locked' } : own(because)),
        verdict: `was left to whoever else moves the traffic of ${environment}`,
        message: because?.message ?? '',
      };
    case 'lost':
      return {
        ...(because === undefined ? { decision: 'fail', reasonCode: 'locked' } : own(because)),
        verdict: `lost ${environment} to another run`,
        message: because?.message ?? '',
      };
    default:
      return {
        decision: 'fail',
        reasonCode: 'restore-failed',
        verdict:
          failure === undefined
            ? 'failed, and nothing else answers'
            : `failed, and going back to ${stable?.version ?? 'nothing'} failed too`,
        message: notRestored(state, environment, candidate, left, why),
      };
  }
}

/** Whether anything was verified, and all of that held. */
const isVerified = (checks: readonly Check[]): boolean =>
  checks.some(({ verdict }) => verdict === 'pass') && checks.every(({ verdict }) => verdict !== 'fail');

function notRestored(
  { failure, stable }: Trace['state'],
  environment: string,
  candidate: string,
  left: string,
  why: string,
): string {
  if (failure === undefined)
    return `LOOK AT ${environment} NOW: ${candidate} failed, and there is nothing else to go to.${left} Once the server is well, the next rollback goes on from here; or name a version that works. ${why}`;
  const back = stable?.version ?? 'nothing';
  return `LOOK AT ${environment} NOW: ${candidate} failed, and going back to ${back} failed too (${DOING[failure.step] ?? failure.step}: ${failure.message}). What is served is unverified; once the server is well, the next deploy or rollback goes back to ${back} first. First failure: ${why}`;
}

/** The ledger's own reasons (no permission, superseded, no network) say what to do; the model is not to blame for them. */
function causeOf<Own extends ReasonCode>(
  because: Failure | undefined,
  otherwise: Own,
  own: (of: Failure) => Cause<Own | CommonReason>,
): Cause<Own | CommonReason> {
  if (because?.reason === 'cancelled') return { decision: 'error', reasonCode: 'cancelled' };
  const itsOwn = because?.step === 'record' || because?.step === 'bake';
  if (itsOwn && because.reason !== 'internal') return own(because);
  return { decision: 'fail', reasonCode: otherwise };
}

/** A failure keeps its own reason; one that is no user's error, or none of the action's, is a bug. */
function ownReason<Own extends ReasonCode>(
  reasons: ReasonRows<Own>,
  { decision, reason, message }: Failure,
  error: unknown,
): Cause<Own | CommonReason> {
  const code = reason as ReasonCode;
  if (reason === 'internal' || !isListed(reasons, code))
    throw types.isNativeError(error) ? error : new Error(`${reason}: ${message}`);
  return { decision, reasonCode: code };
}

/** What was being done, by the names of steps. */
const DOING: Readonly<Record<string, string>> = {
  stage: 'Staging failed',
  probe: 'Without traffic it failed',
  bake: 'Watching it failed',
  labels: 'Judging by labels failed',
  switch: 'Switching failed',
  'read-back': 'The version did not come up',
  verify: 'Verification failed',
  record: 'The ledger could not be written',
  settle: 'The ledger could not be read',
  'stage-previous': 'staging it',
  'switch-back': 'switching back',
  'read-back-previous': 'reading back',
  'verify-previous': 'verifying what was restored',
};

/** What a rollout that went through may claim. */
export interface Success {
  readonly decision: 'pass' | 'warn';
  readonly reasonCode: 'ok' | 'not-verified';
  /** What was not asked, a sentence with a blank before it; empty when the model has predicted as it should. */
  readonly doubt: string;
}

/** A server that says it is ready may have no model that works: only answered golden predictions show that. */
export function successOf(checks: readonly Check[]): Success {
  const hasPredicted = checks.some(({ check, verdict }) => check === 'golden' && verdict === 'pass');
  const isUnread = checks.some(({ check, verdict }) => check === 'version' && verdict === 'not-checked');
  if (hasPredicted && !isUnread) return { decision: 'pass', reasonCode: 'ok', doubt: '' };
  return {
    decision: 'warn',
    reasonCode: 'not-verified',
    doubt: hasPredicted
      ? ' It predicts as it should, but whether it is this version that does was not read back.'
      : ' No prediction was asked for, so whether the model works is not known: set verify.golden.',
  };
}
