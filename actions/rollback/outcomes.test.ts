import { describe, expect, test } from '@jest/globals';
import { Book, deployed } from '@sluice/testing/book.ts';
import { GOLDEN_PASSED, serving } from '@sluice/testing/serving.ts';
import { summaryOf } from '@sluice/testing/summary.ts';
import { environmentOf } from '@sluice/core/ledger/assignment.ts';
import { LazyTrailers } from '@sluice/core/ledger/message.ts';
import { claimed } from '@sluice/core/rollout/reduce.ts';
import type { StepRecord } from '@sluice/core/rollout/run.ts';
import type { RolloutState } from '@sluice/core/rollout/state.ts';
import { alreadyDone, alreadyLive, dryRun, finished, settledBefore } from './outcomes.ts';

const request = { model: 'm', environment: 'prod', hold: false, reason: 'predicts nonsense' };
const step = (name: string, after: number, verdict: StepRecord['verdict'] = 'pass'): StepRecord => ({
  name,
  started: new Date(performance.timeOrigin + after * 1000).toISOString(),
  seconds: 0.5,
  verdict,
  message: `${name} done`,
});
const ledger = deployed(2).state();
const environmentIn = (book: Book) => environmentOf(book.state(), 'prod');
/** After a rollback, and after that was taken back. */
const after = deployed(2);
after.rollback();
const takenBack = deployed(2);
takenBack.rollback();
takenBack.rollback({ to: 'v2.0.0', releaseQuarantine: true });
const rollout = (changes: Partial<RolloutState> = {}): RolloutState => ({
  ...claimed('rollback', { version: 'v1.0.0' }),
  avoid: ['v2.0.0'],
  phase: 'recorded',
  ...changes,
});
const report = { state: rollout(), checks: [], live: serving('v1.0.0'), ledger: after.state() };
const live = { kind: 'live' } as const;

test('a version that is live already changes nothing, unless it was asked to hold', () => {
  const outcome = alreadyLive(request, 'v1.0.0', serving('v1.0.0'));
  expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'already-live' });
  expect(outcome.message).toBe('m v1.0.0 is live in prod already. Nothing was changed.');
  expect(outcome.outputs).toMatchObject({ version: 'v1.0.0', 'seconds-to-traffic': '' });
  const held = alreadyLive({ ...request, hold: true }, 'v1.0.0', serving('v1.0.0'));
  expect(held.message).toContain('deployments there are on hold');
});

test('a dry run names what would be quarantined', () => {
  const outcome = dryRun(request, environmentIn(deployed(2)), serving('v2.0.0'), 'v1.0.0', []);
  expect(outcome.message).toBe(
    'Dry run: m v1.0.0 would be back in prod instead of v2.0.0. That would quarantine v2.0.0. Nothing was changed.',
  );
  expect(outcome.result).toMatchObject({ 'dry-run': true, live: [{ version: 'v2.0.0', weight: 100 }] });
  const back = dryRun(request, environmentIn(after), serving('v1.0.0'), 'v2.0.0', []);
  expect(back.message).toBe(
    'Dry run: m v2.0.0 would be back in prod instead of v1.0.0. Nothing was changed.',
  );
  const empty = environmentIn(new Book());
  const same = dryRun({ ...request, hold: true }, empty, serving('v1.0.0'), 'v1.0.0', []);
  expect(same.message).toContain('instead of no version. Deployments would be put on hold.');
});

test('a rollback that was done already says by whom, and what is live', () => {
  const trailers = new LazyTrailers('x\n\nActor: ada\nRun: https://f/actions/runs/7/attempts/1\n');
  const outcome = alreadyDone(
    request,
    'v1.0.0',
    { kind: 'done', by: { tag: 'm#prod#4', trailers, version: 'v1.0.0' } },
    serving('v1.0.0'),
  );
  expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'already-done' });
  expect(outcome.message).toBe(
    'This rollback of m in prod was done already (tag m#prod#4 by ada in https://f/actions/runs/7/attempts/1): v1.0.0 is live. Nothing was changed.',
  );
});

describe('a rollout that died', () => {
  const held = { state: ledger, steps: [] };
  const settled = {
    kind: 'undone',
    ends: true,
    candidate: 'v3.0.0',
    inPlace: false,
    message: 'Going back to v2.0.0.',
  } as const;

  test('and was undone is what a rollback was called for', () => {
    const outcome = settledBefore(request, held, settled, serving('v2.0.0'), true);
    expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'ok' });
    expect(outcome.outputs).toMatchObject({ version: 'v2.0.0', 'previous-version': 'v3.0.0' });
    expect(outcome.message).toContain('it says by now who went back to that');
  });

  test('and had moved nothing is a warning that says how to leave what is served', () => {
    for (const kind of ['undone', 'nothing'] as const) {
      const outcome = settledBefore(
        request,
        held,
        { ...settled, kind, inPlace: true },
        serving('v2.0.0'),
        false,
      );
      expect(outcome).toMatchObject({ decision: 'warn', reasonCode: 'ok' });
      expect(outcome.message).toContain(
        "v2.0.0 was served all along: if it is what you want to leave, run this step again, or with 'from: v2.0.0'",
      );
    }
  });

  test('and could not be settled fails with what answers', () => {
    const outcome = settledBefore(
      request,
      held,
      { ...settled, kind: 'not-settled' },
      serving('v3.0.0'),
      false,
    );
    expect(outcome).toMatchObject({ decision: 'fail', reasonCode: 'restore-failed' });
    expect(outcome.outputs.version).toBe('v3.0.0');
    expect(outcome.message).toContain("Name a version that works with 'to'");
  });
});

describe('a rollback', () => {
  test('that went through counts its seconds from the start of the step', () => {
    const steps = [step('switch', 1), step('read-back', 2), step('verify', 3)];
    const outcome = finished(request, 'v2.0.0', {}, { ...report, steps, checks: [GOLDEN_PASSED] }, live);
    expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'ok' });
    expect(outcome.outputs['seconds-to-traffic']).toBeCloseTo(2.5, 2);
    expect(outcome.outputs['seconds-to-verified']).toBeCloseTo(3.5, 2);
    expect(outcome.message).toMatch(
      /^m v1\.0\.0 is back in prod: in traffic after 2\.5 s, verified after 3\.5 s \(golden\)\. v2\.0\.0 is quarantined\./,
    );
  });

  test('that takes another one back says that what it leaves is not quarantined', () => {
    const state = rollout({ candidate: { version: 'v2.0.0' }, avoid: ['v1.0.0'] });
    const back = { ...report, ledger: takenBack.state(), state, steps: [] };
    expect(finished(request, 'v1.0.0', {}, back, live).message).toContain(' v1.0.0 is not quarantined.');
  });

  test('that nobody could ask about is a warning', () => {
    const checks = [{ check: 'version', verdict: 'not-checked', message: 'Not asked.' } as const];
    const outcome = finished(request, 'v2.0.0', {}, { ...report, steps: [step('verify', 3)], checks }, live);
    expect(outcome).toMatchObject({ decision: 'warn', reasonCode: 'not-verified' });
    expect(outcome.message).toContain('but nothing was verified. Not asked.');
    expect(outcome.outputs).toMatchObject({ 'seconds-to-verified': '' });
  });

  test('to no version, or one that walked on, says so', () => {
    const none = {
      ...report,
      state: rollout({ candidate: null }),
      live: { ...serving('v1.0.0'), intended: [] },
    };
    expect(finished(request, 'v2.0.0', {}, { ...none, steps: [] }, live).message).toContain(
      'm is served no more in prod: in traffic after 0.0 s. v2.0.0 is quarantined.',
    );
    const walked = { ...report, state: rollout({ notes: ['v1.5.0 was passed over: boom'] }), steps: [] };
    const outcome = finished(request, 'v2.0.0', {}, walked, live);
    expect(outcome.decision).toBe('warn');
    expect(summaryOf(outcome)).toContain('was passed over: boom');
  });

  test('where something else was served than the ledger says warns, and quarantines nothing', () => {
    const state = rollout({ candidate: { version: 'v2.0.0' }, avoid: [] });
    const subject = { kind: 'drifted', served: 'v3.0.0' } as const;
    const outcome = finished(request, 'v2.0.0', {}, { ...report, state, steps: [] }, subject);
    expect(outcome).toMatchObject({ decision: 'warn', reasonCode: 'drifted' });
    expect(outcome.message).not.toContain('is quarantined');
    expect(outcome.message).toContain("run this step with 'from: v2.0.0'");
  });

  test('to a version that failed a check shows that it is served all the same, and no seconds of a step that failed', () => {
    const because = {
      step: 'verify',
      decision: 'fail',
      reason: 'verification-failed',
      message: 'boom',
    } as const;
    const message = 'One had died before.';
    const settled = {
      kind: 'nothing',
      ends: false,
      candidate: 'x',
      inPlace: true,
      message,
    } as const;
    const outcome = finished(
      request,
      'v2.0.0',
      { settled },
      { ...report, state: rollout({ because }), steps: [step('verify', 1, 'fail')] },
      live,
    );
    expect(outcome).toMatchObject({ decision: 'fail', reasonCode: 'verification-failed' });
    expect(outcome.message).toContain('v2.0.0, which was to be left, was not put back');
    expect(outcome.outputs).toMatchObject({ version: 'v1.0.0', 'seconds-to-verified': '' });
    expect(summaryOf(outcome)).toContain('`prod`: `v2.0.0` → `v1.0.0`');
    expect(summaryOf(outcome)).toContain('One had died before');
  });
});
