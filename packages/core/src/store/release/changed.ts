import { UserError } from '../../action/errors.ts';

/** Bytes that are not those that were stored; digests as `sha256:` and hex, or without. */
export function changed(what: string, expected: string, actual: string): UserError {
  return new UserError(
    'evidence-mismatch',
    `${what}: its digest is ${actual}, but ${expected} is expected. Do not use these bytes; delete that release with its tag, and train and register the model again.`,
    { decision: 'fail' },
  );
}
