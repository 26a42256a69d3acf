import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepResult } from '@sluice/testing/action.ts';
import { gateOnForge } from '@sluice/testing/gate-on-forge.ts';
import type { GitHubDouble } from '@sluice/testing/github/server.ts';
import { ALWAYS, startDouble, stopDoubles, warningsOf } from '@sluice/testing/troubled-gate.ts';

jest.setTimeout(180_000);

afterEach(stopDoubles);

/** A runner kills after 10 s. A step that tries to the end takes more than 30 s; a busy machine is given what is between. */
const IN_TIME_S = 25;

interface Cancelled {
  readonly step: StepResult;
  /** From the signal to the end. */
  readonly seconds: number;
}

/** Runs a gate that fails, and cancels it as soon as GitHub has got a request like this. */
async function cancelledAt(github: GitHubDouble, method: string, path: RegExp): Promise<Cancelled> {
  let sent = 0;
  const asked = async (): Promise<void> => {
    while (!github.requests.some((seen) => seen.method === method && path.test(seen.path))) await sleep(20);
    sent = performance.now();
  };
  const step = await gateOnForge({ forge: github, auc: 0.4, kill: { signal: 'SIGINT', after: asked() } });
  return { step, seconds: (performance.now() - sent) / 1000 };
}

function silence(github: GitHubDouble, path: RegExp): void {
  for (const method of ['GET', 'POST', 'PATCH']) github.fail({ method, path, kind: 'silent', times: ALWAYS });
}

const CANCELLED = { code: 1, outputs: { decision: 'error', 'reason-code': 'cancelled' } };

describe('a gate that is cancelled', () => {
  test('gives GitHub up that never answers, in time, with one warning', async () => {
    const github = await startDouble();
    silence(github, /./);
    const { step, seconds } = await cancelledAt(github, 'POST', /check-runs$/);
    expect(step).toMatchObject(CANCELLED);
    expect(warningsOf(step)).toEqual([
      'The step was cancelled, and github.com did not answer in time, so it could not write the check run.',
    ]);
    expect(seconds).toBeLessThan(IN_TIME_S);
  });

  test('completes the one check whose creation was not answered', async () => {
    const github = await startDouble();
    github.fail({ method: 'POST', path: /check-runs$/, kind: 'silent' });
    const { step } = await cancelledAt(github, 'POST', /check-runs$/);
    expect(step).toMatchObject(CANCELLED);
    expect(warningsOf(step)).toEqual([]);
    expect(github.state.checks).toMatchObject([{ status: 'completed', conclusion: 'cancelled' }]);
    expect(github.state.comments).toEqual([]);
  });

  test('does not wait for a rate limit to end', async () => {
    const github = await startDouble();
    const limit = { secondaryLimit: 403, retryAfter: 60 } as const;
    github.fail({ method: 'POST', path: /check-runs$/, kind: limit });
    const { step, seconds } = await cancelledAt(github, 'POST', /check-runs$/);
    expect(step).toMatchObject(CANCELLED);
    expect(github.state.checks).toMatchObject([{ status: 'completed', conclusion: 'cancelled' }]);
    expect(seconds).toBeLessThan(IN_TIME_S);
  });

  test('has no verdict while it asks whether the failure is accepted', async () => {
    const github = await startDouble();
    silence(github, /labels$/);
    const { step, seconds } = await cancelledAt(github, 'GET', /labels$/);
    expect(step).toMatchObject(CANCELLED);
    expect(github.state.checks).toMatchObject([{ status: 'completed', conclusion: 'cancelled' }]);
    expect(seconds).toBeLessThan(IN_TIME_S);
  });

  test('keeps the verdict that it has when the comment is not answered', async () => {
    const github = await startDouble();
    silence(github, /comments(\/\d+)?$/);
    const { step, seconds } = await cancelledAt(github, 'GET', /comments$/);
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'below-limit' } });
    expect(warningsOf(step)).toEqual([expect.stringContaining('could not write the comment')]);
    expect(github.state.checks).toMatchObject([{ status: 'completed', conclusion: 'failure' }]);
    expect(seconds).toBeLessThan(IN_TIME_S);
  });
});
