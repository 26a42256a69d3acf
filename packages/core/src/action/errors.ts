import { types } from 'node:util';
import type { Decision } from './outcome.ts';

/** Reason codes every action may end with; each action adds its own closed list. */
export type CommonReason =
  | 'ok'
  | 'bad-input'
  | 'bad-config'
  | 'missing-file'
  | 'no-permission'
  | 'service-unavailable'
  | 'timeout'
  | 'cancelled'
  | 'internal';

/**
 * A failure the user can do something about: printed without a stack.
 * `message` says what is wrong, the value, what is allowed and what to do next.
 */
export class UserError<Reason extends string = string> extends Error {
  readonly reasonCode: Reason | CommonReason;
  readonly decision: Extract<Decision, 'fail' | 'error'>;

  constructor(
    reasonCode: Reason | CommonReason,
    message: string,
    options: { cause?: unknown; decision?: 'fail' | 'error' } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'UserError';
    this.reasonCode = reasonCode;
    this.decision = options.decision ?? 'error';
  }
}

/** Thrown by `signal.throwIfAborted()` on the paths that have to clean up after a cancellation. */
export class CancelledError extends UserError {
  constructor(signalName: string) {
    super(
      'cancelled',
      `The step was cancelled (${signalName}). What had been started was undone; run it again when ready.`,
    );
    this.name = 'CancelledError';
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
