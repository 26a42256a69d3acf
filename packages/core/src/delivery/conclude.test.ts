import { describe, expect, test } from '@jest/globals';
import { CancelledError, UserError } from '../action/errors.ts';
import type { End, ForwardStep } from '../rollout/machine.ts';
import { concludeFailure } from './conclude.ts';

const row = { happened: 'Something.', remedy: 'Nothing.' };
const reasons = { 'rolled-back': row, 'verification-failed': row, 'restore-failed': row, superseded: row };
const subject = (previous: string | undefined) => ({
  candidate: 'flight-delay v2.0.0',
  previous,
  environment: 'production',
  whenRestored: 'rolled-back' as const,
  reasons,
});
const because = (step: ForwardStep, error: unknown = new Error('boom')) => ({ step, error });
const restored = (step: ForwardStep, error?: unknown): Exclude<End, { kind: 'deployed' }> => ({
  kind: 'restored',
  because: because(step, error),
});

describe('a rollout that failed', () => {
  test('and was restored is rolled back', () => {
    expect(concludeFailure(restored('verify'), subject('v1.0.0'))).toEqual({
      decision: 'fail',
      reasonCode: 'rolled-back',
      verdict: 'was taken out of production again',
      message:
        'flight-delay v2.0.0 was taken out of production again; v1.0.0 is served as before, read back and ready. Verification failed: boom',
    });
  });

  test('as the first one is not called rolled back', () => {
    const conclusion = concludeFailure(restored('switch'), subject(undefined));
    expect(conclusion).toMatchObject({ decision: 'fail', reasonCode: 'verification-failed' });
    expect(conclusion.message).toContain('serves no version as before');
  });

  test('because of a cancellation says so, whatever step it met', () => {
    for (const step of ['switch', 'read-back', 'verify', 'record'] as const) {
      const end = restored(step, new CancelledError('SIGTERM'));
      expect(concludeFailure(end, subject('v1.0.0'))).toMatchObject({
        decision: 'error',
        reasonCode: 'cancelled',
      });
    }
  });

  test('because of the ledger keeps the ledger’s reason', () => {
    const end = restored('record', new UserError('superseded', 'changed', { decision: 'fail' }));
    expect(concludeFailure(end, subject('v1.0.0'))).toMatchObject({
      decision: 'fail',
      reasonCode: 'superseded',
    });
  });

  test('and could not be restored shouts', () => {
    const end: End = {
      kind: 'not-restored',
      because: because('verify'),
      failure: { step: 'read-back-previous', error: new Error('silent') },
    };
    const conclusion = concludeFailure(end, subject('v1.0.0'));
    expect(conclusion).toMatchObject({ decision: 'fail', reasonCode: 'restore-failed' });
    expect(conclusion.message).toMatch(/^LOOK AT production NOW: .*reading back: silent.*boom$/);
  });

  test('before anything moved keeps its reason', () => {
    const end: End = {
      kind: 'untouched',
      because: because('stage', new UserError('missing-file', 'no golden file')),
    };
    expect(concludeFailure(end, subject('v1.0.0'))).toMatchObject({
      decision: 'error',
      reasonCode: 'missing-file',
    });
  });

  test('before anything moved, for a reason that is none of the action’s, is a bug', () => {
    const foreign = new UserError('no-rules', 'of another action');
    const end: End = { kind: 'untouched', because: because('stage', foreign) };
    expect(() => concludeFailure(end, subject('v1.0.0'))).toThrow(foreign);
  });

  test('before anything moved, because of a bug, is reported as one', () => {
    const bug = new TypeError('x is undefined');
    const end: End = { kind: 'untouched', because: because('stage', bug) };
    expect(() => concludeFailure(end, subject('v1.0.0'))).toThrow(bug);
  });
});
