import { describe, expect, test } from '@jest/globals';
import { deployed } from '@sluice/testing/book.ts';
import { summaryOf } from '@sluice/testing/summary.ts';
import type { StepRecord } from '@sluice/core/rollout/engine.ts';
import type { VersionRecord } from '@sluice/core/ledger/state.ts';
import type { LiveState } from '@sluice/core/serving/target.ts';
import { alreadyLive, dryRun, finished, undone } from './outcomes.ts';

const request = { model: 'm', environment: 'prod', hold: false, reason: 'predicts nonsense' };
const serving = (version: string): LiveState => ({
  intended: [{ version, weight: 100 }],
  answer: { kind: 'answered', shares: [{ version, weight: 100 }] },
});
const step = (name: string, after: number, verdict: StepRecord['verdict'] = 'pass'): StepRecord => ({
  name,
  started: new Date(performance.timeOrigin + after * 1000).toISOString(),
  seconds: 0.5,
  verdict,
  message: `${name} done`,
});
const candidate = deployed(2).state().versions[0] as VersionRecord;
const previous = { version: 'v2.0.0' };
const report = { checks: [], live: serving('v1.0.0'), state: deployed(2).state(), retired: [] };
const verified = { check: 'ready', verdict: 'pass', message: 'Ready.' } as const;

test('a version that is live already changes nothing, unless it was asked to hold', () => {
  const outcome = alreadyLive(request, 'v1.0.0', serving('v1.0.0'));
  expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'already-live' });
  expect(outcome.message).toBe('m v1.0.0 is live in prod already. Nothing was changed.');
  expect(outcome.outputs).toMatchObject({ version: 'v1.0.0', 'seconds-to-traffic': '' });
  const held = alreadyLive({ ...request, hold: true }, 'v1.0.0', serving('v1.0.0'));
  expect(held.message).toContain('deployments there are on hold');
});

test('a dry run names what would be quarantined', () => {
  const outcome = dryRun(request, serving('v2.0.0'), 'v2.0.0', 'v1.0.0', []);
  expect(outcome.message).toBe(
    'Dry run: m v1.0.0 would be back in prod instead of v2.0.0. That would quarantine v2.0.0. Nothing was changed.',
  );
  expect(outcome.result).toMatchObject({ 'dry-run': true, live: [{ version: 'v2.0.0', weight: 100 }] });
  const same = dryRun({ ...request, hold: true }, serving('v1.0.0'), undefined, 'v1.0.0', []);
  expect(same.message).toContain('instead of no version. Deployments would be put on hold.');
});

describe('a rollout that died', () => {
  const held = {
    live: serving('v1.0.0'),
    steps: [],
    lock: { abandoned: { claim: 'x', candidate: 'v2.0.0', step: 'switching', started: '', heartbeat: '' } },
  };

  test('and was undone is what a rollback was called for', () => {
    const to = { version: 'v1.0.0' };
    const outcome = undone(request, held, {
      kind: 'undone',
      to,
      inPlace: false,
      message: 'Going back to v1.0.0.',
    });
    expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'ok' });
    expect(outcome.outputs).toMatchObject({ version: 'v1.0.0', 'previous-version': 'v2.0.0' });
  });

  test('and had moved nothing is a warning that says how to leave what is served', () => {
    const settled = {
      kind: 'undone',
      to: { version: 'v1.0.0' },
      inPlace: true,
      message: 'Going back.',
    } as const;
    const outcome = undone(request, held, settled);
    expect(outcome).toMatchObject({ decision: 'warn', reasonCode: 'ok' });
    expect(outcome.message).toContain(
      'v1.0.0 was served all along: if it is what you want to leave, run this step again',
    );
  });

  test('and could not be undone fails with what answers', () => {
    const outcome = undone(request, held, {
      kind: 'not-undone',
      to: undefined,
      inPlace: false,
      message: 'That failed.',
    });
    expect(outcome).toMatchObject({ decision: 'fail', reasonCode: 'restore-failed' });
    expect(outcome.outputs.version).toBe('v1.0.0');
    expect(outcome.message).toContain("Name a version that works with 'to'");
  });
});

describe('a rollback', () => {
  test('that went through counts its seconds from the start of the step', () => {
    const steps = [step('switch', 1), step('read-back', 2), step('verify', 3)];
    const outcome = finished(
      request,
      { candidate, previous },
      {},
      { ...report, end: { kind: 'deployed' }, steps, checks: [verified] },
    );
    expect(outcome).toMatchObject({ decision: 'pass', reasonCode: 'ok' });
    expect(outcome.outputs['seconds-to-traffic']).toBeCloseTo(2.5, 2);
    expect(outcome.outputs['seconds-to-verified']).toBeCloseTo(3.5, 2);
    expect(outcome.message).toMatch(
      /^m v1\.0\.0 is back in prod: in traffic after 2\.5 s, verified after 3\.5 s \(ready; no prediction was compared, for there are no golden cases\)\. v2\.0\.0 is quarantined\./,
    );
  });

  test('that nobody could ask about is a warning', () => {
    const checks = [{ check: 'version', verdict: 'not-checked', message: 'Not asked.' } as const];
    const outcome = finished(
      request,
      { candidate, previous },
      {},
      { ...report, end: { kind: 'deployed' }, steps: [step('read-back', 2), step('verify', 3)], checks },
    );
    expect(outcome.decision).toBe('warn');
    expect(outcome.message).toContain(
      'in traffic after 2.5 s, but nothing was verified. Not asked. v2.0.0 is',
    );
    expect(outcome.outputs).toMatchObject({ 'seconds-to-verified': '' });
  });

  test('that failed shows where it went and came back to, and no seconds of a step that failed', () => {
    const end = { kind: 'restored', because: { step: 'verify', error: new Error('boom') } } as const;
    const outcome = finished(
      request,
      { candidate, previous },
      { settled: { kind: 'nothing', to: undefined, inPlace: true, message: 'One had died before.' } },
      { ...report, end, live: serving('v2.0.0'), steps: [step('verify', 1, 'fail')] },
    );
    expect(outcome).toMatchObject({ decision: 'fail', reasonCode: 'verification-failed' });
    expect(outcome.outputs).toMatchObject({ version: 'v2.0.0', 'seconds-to-verified': '' });
    expect(summaryOf(outcome)).toContain('`prod`: `v2.0.0` → `v1.0.0` → `v2.0.0`');
    expect(summaryOf(outcome)).toContain('One had died before');
  });
});
