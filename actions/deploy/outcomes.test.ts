import { describe, expect, test } from '@jest/globals';
import { deployed } from '@sluice/testing/book.ts';
import { GOLDEN_PASSED, serverAt, serving } from '@sluice/testing/serving.ts';
import { summaryOf } from '@sluice/testing/summary.ts';
import type { VersionRecord } from '@sluice/core/ledger/state.ts';
import { claimed } from '@sluice/core/rollout/reduce.ts';
import type { RolloutState } from '@sluice/core/rollout/state.ts';
import type { LiveState } from '@sluice/core/serving/target.ts';
import { directoryWords } from '@sluice/core/serving/targets/directory/words.ts';
import { httpServer } from '@sluice/core/serving/server.ts';
import { alreadyLive, dryRun, finished } from './outcomes.ts';

const request = { model: 'm', environment: 'prod', dryRun: false };
const words = directoryWords({ root: '/srv', keep: 5, servers: [] });
const server = httpServer(serverAt('http://h:1'));
const silent: LiveState = { intended: [], answer: { kind: 'silent', message: 'refused' } };
const book = deployed(2);
book.register(3);
const state = book.state();
const version = (name: string) => state.versions.find((v) => v.version === name) as VersionRecord;
const vouched = { file: '/store/passport.jsonl', statements: [], notes: ['Ada accepted it.'] };
const rollout = (candidate: string, changes: Partial<RolloutState> = {}): RolloutState => ({
  ...claimed('deploy', { version: candidate }),
  stable: { version: 'v2.0.0' },
  phase: 'recorded',
  ...changes,
});
const report = { steps: [], checks: [], live: serving('v3.0.0'), ledger: state };

describe('a version that is live already', () => {
  test('was asked for by the server or read from the target, and the sentence says which', () => {
    const asked = alreadyLive(request, { words }, 'v2.0.0', serving('v2.0.0'), false);
    expect(asked).toMatchObject({ decision: 'pass', reasonCode: 'already-live' });
    expect(asked.message).toBe('m v2.0.0 is live in prod already, and the server answers with it.');
    expect(asked.outputs.live).toBe('[{"version":"v2.0.0","weight":100}]');
    const unasked: LiveState = { ...serving('v2.0.0'), answer: { kind: 'not-asked' } };
    expect(alreadyLive(request, { words }, 'v2.0.0', unasked, false).message).toContain('the link says so');
  });

  test('may end a hold, in a dry run only would', () => {
    const ends = (dryRun: boolean) =>
      alreadyLive({ ...request, dryRun }, { words }, 'v2.0.0', serving('v2.0.0'), true).message;
    expect(ends(false)).toContain('Its hold is released.');
    expect(ends(true)).toContain('Its hold would be released.');
  });
});

test('a dry run shows the plan and who vouches', () => {
  const outcome = dryRun(request, version('v3.0.0'), null, silent, ['Stage it.'], vouched);
  expect(outcome.message).toBe('Dry run: m v3.0.0 would replace nothing in prod. Nothing was changed.');
  expect(outcome.result).toMatchObject({ 'dry-run': true, live: [] });
  expect(outcome.result).not.toHaveProperty('previous-version');
  expect(summaryOf(outcome)).toMatch(/Ada accepted it.*\n\nStage it/);
  expect(summaryOf(outcome)).toMatch(
    /^### `m` `v3\.0\.0` would replace nothing in prod\n\n\*\*Dry run: nothing was changed\.\*\*/,
  );
  expect(outcome.evidence).toBe('/store/passport.jsonl');
});

describe('a deployment', () => {
  const finish = (
    candidate: string,
    previous: string | undefined,
    changes: Partial<Parameters<typeof finished>[4]> = {},
    target: Parameters<typeof finished>[1] = { words, server },
  ) =>
    finished(
      request,
      target,
      previous,
      { state },
      { ...report, state: rollout(candidate), checks: [GOLDEN_PASSED], ...changes },
      vouched,
    );

  test('begins with model, version and verdict, says them once, and folds its steps', () => {
    const message = 'The server answers with v3.0.0.';
    const read = { check: 'version', verdict: 'pass', message } as const;
    const step = { started: '2024-05-01T00:00:00Z', verdict: 'pass' } as const;
    const steps = [
      { ...step, name: 'stage', seconds: 0.504, message: `v3.0.0 is staged, sha256:${'a1'.repeat(32)}.` },
      { ...step, name: 'read-back', seconds: 0.1, message },
      { ...step, name: 'verify', seconds: 1, message: `Right. ${message}` },
    ];
    expect(summaryOf(finish('v3.0.0', 'v2.0.0', { checks: [read, GOLDEN_PASSED, read], steps })))
      .toContain(`### \`m\` \`v3.0.0\` is live in prod instead of v2.0.0

**Read back from the server and verified.**

\`prod\`: \`v2.0.0\` → \`v3.0.0\`

Ada accepted it.

#### Verification

- **version**: pass. The server answers with v3.0.0.
- **golden**: pass. Right.

<details>
<summary>3 steps in 1.6 s</summary>

- **stage** pass, 0.50 s: v3.0.0 is staged, sha256:a1a1a1a1a1a1….
- **read-back** pass, 0.10 s
- **verify** pass, 1.00 s

</details>`);
  });

  test('says what it took the place of', () => {
    expect(finish('v3.0.0', 'v2.0.0').message).toBe(
      'm v3.0.0 is live in prod instead of v2.0.0; read back from the server and verified.',
    );
    expect(finish('v3.0.0', undefined).message).toContain(', the first version here;');
    expect(finish('v2.0.0', undefined).message).toContain('again: it was not served as the ledger says');
  });

  test('without a server to ask says that nothing was verified', () => {
    const checks = [{ check: 'version', verdict: 'not-checked', message: 'Not asked.' } as const];
    const outcome = finish('v3.0.0', 'v2.0.0', { checks }, { words });
    expect(outcome).toMatchObject({ decision: 'warn', reasonCode: 'not-verified' });
    expect(outcome.message).toContain(
      "no url is set, so only the link 'current' was read, not the server: nothing was verified. No prediction was asked for",
    );
  });

  test('that failed shows what is served again', () => {
    const because = {
      step: 'verify',
      decision: 'fail',
      reason: 'verification-failed',
      message: 'boom',
    } as const;
    const restored = rollout('v3.0.0', { phase: 'restored', because });
    const outcome = finish('v3.0.0', 'v2.0.0', { state: restored, live: serving('v2.0.0') });
    expect(outcome).toMatchObject({ decision: 'fail', reasonCode: 'rolled-back' });
    expect(outcome.outputs.live).toBe('[{"version":"v2.0.0","weight":100}]');
    expect(summaryOf(outcome)).toContain('`prod`: `v2.0.0` → `v3.0.0` → `v2.0.0`');
  });
});
