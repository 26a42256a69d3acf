import { CancelledError, errorMessage, isUserError } from '../action/errors.ts';
import type { Decision } from '../action/outcome.ts';
import { isListed, type CommonReason, type ReasonCode, type ReasonRows } from '../action/reasons.ts';
import type { End, Failure } from '../rollout/machine.ts';
import type { Check } from '../serving/checks.ts';

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
  readonly candidate: string;
  readonly previous: string | undefined;
  readonly environment: string;
  /** Reason code of a failure after which the previous version was restored. */
  readonly whenRestored: Own;
  /** The action's own reason codes. */
  readonly reasons: ReasonRows<Own>;
}

type Failed = 'verification-failed' | 'restore-failed';
type Cause<Own extends ReasonCode> = Pick<RolloutFailure<Own>, 'decision' | 'reasonCode'>;

/** What a rollout that did not reach its end means for the user. An error that is a bug is thrown again. */
export function concludeFailure<Own extends ReasonCode>(
  end: Exclude<End, { kind: 'deployed' }>,
  subject: Subject<Own | Failed>,
): RolloutFailure<Own | Failed | CommonReason> {
  const { candidate, previous, environment, whenRestored, reasons } = subject;
  const why = `${describeStep(end.because)}: ${errorMessage(end.because.error)}`;
  const back = previous ?? 'nothing';
  switch (end.kind) {
    case 'untouched':
      return {
        ...ownReason(reasons, end.because.error),
        verdict: `was not deployed to ${environment}`,
        message: `${candidate} was not deployed to ${environment}, and nothing was changed there. ${why}`,
      };
    case 'restored':
      return {
        ...causeOf(reasons, end.because, previous === undefined ? 'verification-failed' : whenRestored),
        verdict: `was taken out of ${environment} again${previous === undefined ? ', which serves no version as before' : ''}`,
        message:
          previous === undefined
            ? `${candidate} was taken out of ${environment} again, which serves no version as before. ${why}`
            : `${candidate} was taken out of ${environment} again; ${back} is served as before, read back and ready. ${why}`,
      };
    case 'not-restored':
      return {
        decision: 'fail',
        reasonCode: 'restore-failed',
        verdict: `failed, and going back to ${back} failed too`,
        message: `LOOK AT ${environment} NOW: ${candidate} failed, and going back to ${back} failed too (${describeStep(end.failure)}: ${errorMessage(end.failure.error)}). What is served is unverified; once the server is well, the next deploy or rollback goes back to ${back} first. First failure: ${why}`,
      };
  }
}

function causeOf<Own extends ReasonCode>(
  reasons: ReasonRows<Own>,
  { step, error }: Failure,
  otherwise: Own,
): Cause<Own | CommonReason> {
  if (error instanceof CancelledError) return { decision: 'error', reasonCode: 'cancelled' };
  // The ledger's own reasons (no permission, superseded, no network) say what to do; the model is not to blame.
  if (step === 'record' && isUserError(error)) return ownReason(reasons, error);
  return { decision: 'fail', reasonCode: otherwise };
}

/** A failure before the traffic moved keeps its own reason; one that is no user's error, or none of the action's, is a bug. */
function ownReason<Own extends ReasonCode>(
  reasons: ReasonRows<Own>,
  error: unknown,
): Cause<Own | CommonReason> {
  if (!isUserError(error) || !isListed(reasons, error.reasonCode)) throw error;
  return { decision: error.decision, reasonCode: error.reasonCode };
}

function describeStep({ step }: Failure): string {
  switch (step) {
    case 'stage':
      return 'Staging failed';
    case 'switch':
      return 'Switching failed';
    case 'read-back':
      return 'The version did not come up';
    case 'verify':
      return 'Verification failed';
    case 'record':
      return 'The ledger could not be written';
    case 'switch-back':
      return 'switching back';
    case 'read-back-previous':
      return 'reading back';
    case 'verify-previous':
      return 'verifying what was restored';
  }
}

/** A deployment that could not ask the server is done, but deserves a look. */
export function successDecision(checks: readonly Check[]): 'pass' | 'warn' {
  return checks.some((check) => check.verdict === 'not-checked') ? 'warn' : 'pass';
}
