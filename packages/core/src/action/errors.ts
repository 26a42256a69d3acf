import { types } from 'node:util';
import type { Decision } from './outcome.ts';
import type { ReasonCode } from './reasons.ts';

/**
 * A failure the user can do something about: printed without a stack.
 * `message` says what is wrong, the value, what is allowed and what to do next.
 */
export class UserError<Reason extends ReasonCode = ReasonCode> extends Error {
  readonly reasonCode: Reason;
  readonly decision: Extract<Decision, 'fail' | 'error'>;

  constructor(
    reasonCode: Reason,
    message: string,
    options: { cause?: unknown; decision?: 'fail' | 'error' } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'UserError';
    this.reasonCode = reasonCode;
    this.decision = options.decision ?? 'error';
  }
}

/** As `instanceof`, but keeps the reason code's type, which `instanceof` widens to any. */
export function isUserError(error: unknown): error is UserError {
  return error instanceof UserError;
}

/** Thrown by `signal.throwIfAborted()` on the paths that have to clean up after a cancellation. */
export class CancelledError extends UserError<'cancelled'> {
  readonly signalName: string;

  constructor(
    signalName: string,
    rest = '. What was half done was taken back, or nobody refers to it; run the step again when ready',
  ) {
    super('cancelled', `The step was cancelled (${signalName})${rest}.`);
    this.name = 'CancelledError';
    this.signalName = signalName;
  }
}

/** A request had to be cut off before it was answered, so that nobody knows whether it was carried out. */
export class UnknownOutcomeError extends CancelledError {
  /** `doing` says what was under way, such as `pushing v1.0.0`; `check` how to find out, as a sentence without its full stop. */
  constructor({ signalName }: CancelledError, doing: string, check: string) {
    super(
      signalName,
      ` while ${doing}, and the answer was not waited for: whether it was done is not known. ${check}`,
    );
    this.name = 'UnknownOutcomeError';
  }
}

/** The text of an unknown thrown value, for messages that wrap it. */
export function errorMessage(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `EACCES` …), or undefined. */
export function errorCode(error: unknown): string | undefined {
  return types.isNativeError(error) && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

const NO_ACCESS = ['EACCES', 'EPERM', 'EROFS'];

/** Whether a Node system error means that the machine refused access to a file or folder. */
export function isAccessRefused(error: unknown): boolean {
  return NO_ACCESS.includes(errorCode(error) ?? '');
}

const NO_ROOM = ['ENOSPC', 'EDQUOT'];
const WRONG_KIND = ['EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'ELOOP', 'ENAMETOOLONG'];

/**
 * What to do about a file that the machine refused to open or write, whoever tried: a `UserError` for a system error
 * that names a path and that its owner can put right, found on the error or among its causes. Undefined for all others.
 */
export function fileRefusal(error: unknown): UserError | undefined {
  if (!types.isNativeError(error)) return undefined;
  const code = errorCode(error) ?? '';
  if (!('path' in error) || typeof error.path !== 'string') return fileRefusal(error.cause);
  const said = `'${error.path}' cannot be used: ${error.message}.`;
  const options = { cause: error };
  if (isAccessRefused(error)) {
    return new UserError('no-permission', `${said} Give the user that runs the step access to it.`, options);
  }
  if (NO_ROOM.includes(code)) {
    return new UserError('service-unavailable', `${said} Free some space on that disk.`, options);
  }
  if (WRONG_KIND.includes(code)) {
    return new UserError('bad-input', `${said} Correct the path, or move away what lies there.`, options);
  }
  return fileRefusal(error.cause);
}
