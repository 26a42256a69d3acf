import { describe, expect, test } from '@jest/globals';
import { GOLDEN_PASSED, serving } from '@sluice/testing/serving.ts';
import type { Check } from '../serving/checks.ts';
import { UserError } from '../action/errors.ts';
import { claimed } from '../rollout/reduce.ts';
import type { Failure, RolloutState } from '../rollout/state.ts';
import { concludeFailure } from './conclude.ts';

const row = { happened: 'Something.', remedy: 'Nothing.' };
const reasons = {
  'rolled-back': row,
  'verification-failed': row,
  'restore-failed': row,
  superseded: row,
  locked: row,
  'pre-empted': row,
};
const subject = {
  model: 'flight-delay',
  environment: 'production',
  whenRestored: 'rolled-back',
  reasons,
} as const;
const because = (step: string, changes: Partial<Failure> = {}): Failure => ({
  step,
  decision: 'fail',
  reason: 'verification-failed',
  message: 'boom',
  ...changes,
});
const ended = (phase: RolloutState['phase'], changes: Partial<RolloutState> = {}) => ({
  state: {
    ...claimed('deploy', { version: 'v2.0.0' }),
    stable: { version: 'v1.0.0' },
    phase,
    because: because('verify'),
    ...changes,
  },
});
const rollback: Partial<RolloutState> = { kind: 'rollback', stable: null, avoid: ['v3.0.0'] };

describe('a rollout that failed', () => {
  test('and was restored is rolled back', () => {
    expect(concludeFailure({ ...ended('restored'), live: serving('v1.0.0') }, subject)).toEqual({
      decision: 'fail',
      reasonCode: 'rolled-back',
      verdict: 'was taken out of production again',
      message:
        'flight-delay v2.0.0 was taken out of production again; v1.0.0 is served as before, read back and ready. Verification failed: boom',
    });
  });

  test('and was restored claims nothing of a server that nobody can ask', () => {
    const live = { intended: [], answer: { kind: 'not-asked' } } as const;
    const conclusion = concludeFailure({ ...ended('restored'), live }, subject);
    expect(conclusion?.message).toContain('by what the target is set to, for there is no server to ask.');
    expect(conclusion?.message).not.toContain('ready');
  });

  test('to be recorded says whether anything was verified', () => {
    const said = (...checks: Check[]): string | undefined =>
      concludeFailure({ ...ended('unsettled'), checks }, subject)?.message;
    const failed = { check: 'ready', verdict: 'fail', message: 'No.' } as const;
    expect(said(GOLDEN_PASSED)).toContain('serves flight-delay v2.0.0, verified, and');
    expect(said()).toContain('serves flight-delay v2.0.0, not verified, and');
    expect(said(GOLDEN_PASSED, failed)).toContain('not verified');
  });

  test('as the first one is not called rolled back', () => {
    const conclusion = concludeFailure(ended('restored', { stable: null }), subject);
    expect(conclusion).toMatchObject({ decision: 'fail', reasonCode: 'verification-failed' });
    expect(conclusion?.message).toContain('serves no version as before');
  });

  test('by what was measured says so, and a foreign hand on the traffic too', () => {
    const measured = { ...subject, reasons: { ...reasons, 'analysis-failed': row, drifted: row } };
    const failed = ended('restored', { because: because('bake', { reason: 'analysis-failed' }) });
    expect(concludeFailure(failed, measured)).toMatchObject({
      decision: 'fail',
      reasonCode: 'analysis-failed',
    });
    const drifted = ended('drifted', { because: because('switch', { reason: 'drifted' }) });
    expect(concludeFailure(drifted, measured)).toMatchObject({ decision: 'fail', reasonCode: 'drifted' });
  });

  test('is none where it is paused, or where a shadow was taken away as planned', () => {
    const state = claimed('deploy', { version: 'v2.0.0' });
    for (const phase of ['paused', 'restored'] as const)
      expect(concludeFailure({ state: { ...state, phase } }, subject)).toBeUndefined();
  });

  test('because of a cancellation says so, whatever step it met', () => {
    for (const step of ['switch', 'read-back', 'verify', 'record']) {
      const end = ended('restored', { because: because(step, { reason: 'cancelled' }) });
      expect(concludeFailure(end, subject)).toMatchObject({ decision: 'error', reasonCode: 'cancelled' });
    }
  });

  test('because of the ledger keeps the ledger’s reason', () => {
    const end = ended('restored', { because: because('record', { reason: 'superseded' }) });
    expect(concludeFailure(end, subject)).toMatchObject({ decision: 'fail', reasonCode: 'superseded' });
  });

  test('and could not be restored shouts', () => {
    const end = ended('not-restored', { failure: because('read-back-previous', { message: 'silent' }) });
    const conclusion = concludeFailure(end, subject);
    expect(conclusion).toMatchObject({ decision: 'fail', reasonCode: 'restore-failed' });
    expect(conclusion?.message).toMatch(/^LOOK AT production NOW: .*reading back: silent.*boom$/);
  });

  test('before anything moved keeps its reason', () => {
    const end = ended('untouched', {
      because: because('stage', { decision: 'error', reason: 'service-unavailable' }),
    });
    expect(concludeFailure(end, subject)).toMatchObject({
      decision: 'error',
      reasonCode: 'service-unavailable',
    });
  });

  test('before anything moved, for a reason that is none of the action’s or a bug, is reported as a bug', () => {
    const foreign = new UserError('no-rules', 'of another action');
    const end = ended('untouched', { because: because('stage', { reason: 'no-rules' }) });
    expect(() => concludeFailure({ ...end, error: foreign }, subject)).toThrow(foreign);
    const bug = new TypeError('x is undefined');
    const internal = ended('untouched', { because: because('stage', { reason: 'internal' }) });
    expect(() => concludeFailure({ ...internal, error: bug }, subject)).toThrow(bug);
  });

  test('without knowing what became of its push blames nobody, and says what stays', () => {
    const end = ended('unsettled', { because: because('settle', { message: 'The remote is away.' }) });
    const conclusion = concludeFailure({ ...end, checks: [GOLDEN_PASSED] }, subject);
    expect(conclusion).toMatchObject({ decision: 'error', reasonCode: 'service-unavailable' });
    expect(conclusion?.message).toMatch(
      /serves flight-delay v2\.0\.0, verified.*The remote is away\..*run this step again/i,
    );
  });

  test('because it lost the environment says to whom', () => {
    const lost = because('verify', { reason: 'pre-empted', message: 'The rollback took it.' });
    expect(concludeFailure(ended('lost', { because: lost }), subject)).toEqual({
      decision: 'fail',
      reasonCode: 'pre-empted',
      verdict: 'lost production to another run',
      message: 'The rollback took it.',
    });
  });
});

describe('a rollback that did not go as asked', () => {
  test('and is recorded tells what does not hold, and that nothing was put back', () => {
    const conclusion = concludeFailure(ended('recorded', rollback), subject);
    expect(conclusion).toMatchObject({ decision: 'fail', reasonCode: 'verification-failed' });
    expect(conclusion?.message).toContain('v3.0.0, which was to be left, was not put back');
  });

  test('and is not recorded keeps the ledger’s reason, and goes on when it is run again', () => {
    const failure = because('record', { decision: 'error', reason: 'no-permission', message: 'declined' });
    const end = ended('unrecorded', { ...rollback, because: undefined, failure });
    const conclusion = concludeFailure(end, subject);
    expect(conclusion).toMatchObject({ decision: 'error', reasonCode: 'no-permission' });
    expect(conclusion?.message).toContain('Run this step again when that is settled');
  });

  test('and found nothing that answers shouts', () => {
    const conclusion = concludeFailure(ended('not-restored', rollback), subject);
    expect(conclusion).toMatchObject({ decision: 'fail', reasonCode: 'restore-failed' });
    expect(conclusion?.message).toMatch(/^LOOK AT production NOW: .*nothing else to go to/);
  });
});
