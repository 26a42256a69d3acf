import { CancelledError, UserError, errorMessage } from '../action/errors.ts';
import type { Decision } from '../action/outcome.ts';
import type { Plan } from '../ledger/plan.ts';
import type { End, Failure } from '../rollout/machine.ts';
import type { Check } from '../serving/checks.ts';

/** Why a rollout did not do what was asked. */
export interface Conclusion {
  readonly decision: Exclude<Decision, 'pass' | 'warn'>;
  readonly reasonCode: string;
  readonly message: string;
}

/** What the message has to name. */
export interface Subject {
  readonly candidate: string;
  readonly previous: string | undefined;
  readonly environment: string;
  /** Reason code of a failure after which the previous version was restored. */
  readonly whenRestored: string;
}

/** The plan's refusal as an error that ends the step. */
export function refusal(plan: Extract<Plan, { kind: 'refused' }>): UserError {
  return new UserError(plan.reason, plan.message, { decision: 'fail' });
}

/** What a rollout that did not reach its end means for the user. An error that is a bug is thrown again. */
export function concludeFailure(end: Exclude<End, { kind: 'deployed' }>, subject: Subject): Conclusion {
  const { candidate, previous, environment, whenRestored } = subject;
  const cause = causeOf(end.because, previous === undefined ? 'verification-failed' : whenRestored);
  const why = `${describeStep(end.because)}: ${errorMessage(end.because.error)}`;
  const back = previous ?? 'nothing';
  switch (end.kind) {
    case 'untouched':
      return {
        ...untouchedCause(end.because),
        message: `${candidate} was not deployed to ${environment}, and nothing was changed there. ${why}`,
      };
    case 'restored':
      return {
        ...cause,
        message:
          previous === undefined
            ? `${candidate} was taken out of ${environment} again, which serves no version as before. ${why}`
            : `${candidate} was taken out of ${environment} again; ${back} is served as before, read back and ready. ${why}`,
      };
    case 'not-restored':
      return {
        decision: 'fail',
        reasonCode: 'restore-failed',
        message: `LOOK AT ${environment} NOW: ${candidate} failed, and going back to ${back} failed too (${describeStep(end.failure)}: ${errorMessage(end.failure.error)}). What is served is unverified; once the server is well, the next deploy or rollback goes back to ${back} first. First failure: ${why}`,
      };
  }
}

/** A failure before the traffic moved keeps its own reason; one that is no user's error is a bug. */
function untouchedCause({ error }: Failure): Pick<Conclusion, 'decision' | 'reasonCode'> {
  if (!isUserError(error)) throw error;
  return ownReason(error);
}

function causeOf({ step, error }: Failure, otherwise: string): Pick<Conclusion, 'decision' | 'reasonCode'> {
  if (error instanceof CancelledError) return { decision: 'error', reasonCode: 'cancelled' };
  // The ledger's own reasons (no permission, superseded, no network) say what to do; the model is not to blame.
  if (step === 'record' && isUserError(error)) return ownReason(error);
  return { decision: 'fail', reasonCode: otherwise };
}

function isUserError(error: unknown): error is UserError {
  return error instanceof UserError;
}

function ownReason({ decision, reasonCode }: UserError): Pick<Conclusion, 'decision' | 'reasonCode'> {
  return { decision, reasonCode };
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

/** A deployment that could only read the link is done, but deserves a look. */
export function successDecision(checks: readonly Check[]): 'pass' | 'warn' {
  return checks.some((check) => check.verdict === 'not-checked') ? 'warn' : 'pass';
}
