import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { gateOnForge } from '@sluice/testing/gate-on-forge.ts';
import type { GitHubDouble } from '@sluice/testing/github/server.ts';
import {
  ALWAYS,
  MOST_WAITED_S,
  OPERATIONS,
  expectAllShown,
  expectSameVerdict,
  operations,
  secondsWaited,
  startDouble,
  stopDoubles,
  troubled,
  warningsOf,
  type Operation,
} from '@sluice/testing/troubled-gate.ts';

// What does not come is waited for, each against a double of its own and side by side.
jest.setTimeout(300_000);

afterAll(stopDoubles);

function timesAsked(github: GitHubDouble, operation: Operation): number {
  const { method, path } = OPERATIONS[operation];
  return github.requests.filter((seen) => seen.method === method && path.test(seen.path)).length;
}

describe('rate limits', () => {
  test.concurrent.each([403, 429] as const)(
    'a spent hour (%d) is not waited for, and the warning says when it ends',
    async (status) => {
      const github = await startDouble({ rateLimit: { remaining: 0, resetsIn: 1800, status } });
      const began = performance.now();
      const step = await gateOnForge({ forge: github, auc: 0.4 });
      const took = performance.now() - began;
      expectSameVerdict({ github, step });
      expect(warningsOf(step)).toEqual([
        expect.stringMatching(
          /rate limit exceeded.* It accepts requests again at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\./,
        ),
        expect.stringContaining('Whether the failure is accepted could not be asked'),
      ]);
      const end = Date.parse(/again at (\S+Z)/.exec(warningsOf(step)[0] ?? '')?.[1] ?? '');
      expect(end).toBeGreaterThanOrEqual(github.limitResets.getTime());
      // A second to be sure, one that is rounded, and what the step took by this very machine.
      expect(end).toBeLessThanOrEqual(github.limitResets.getTime() + 2_000 + took);
      expect(secondsWaited(step)).toBeLessThan(MOST_WAITED_S);
    },
  );

  test.concurrent('an hour that is nearly over is waited for', async () => {
    const github = await startDouble({ rateLimit: { remaining: 1, resetsIn: 6 } });
    const step = await gateOnForge({ forge: github, auc: 0.4 });
    expectSameVerdict({ github, step });
    expectAllShown({ github, step });
  });
});

describe('no answer at all', () => {
  test.concurrent('each operation is asked again once, and carried out once', async () => {
    const all = await Promise.all(
      operations.map(async (operation) => ({ operation, came: await troubled(operation, 'silent', 1) })),
    );
    for (const { operation, came } of all) {
      expectSameVerdict(came);
      expectAllShown(came);
      expect(secondsWaited(came.step)).toBeLessThan(MOST_WAITED_S);
      expect(timesAsked(came.github, operation)).toBeLessThanOrEqual(operation === 'list comments' ? 4 : 2);
    }
  });

  test.concurrent(
    'a server that never answers holds a gate that fails up for a minute and a half',
    async () => {
      const github = await startDouble();
      for (const method of ['GET', 'POST', 'PATCH']) {
        github.fail({ method, path: /./, kind: 'silent', times: ALWAYS });
      }
      const step = await gateOnForge({ forge: github, auc: 0.4 });
      expectSameVerdict({ github, step });
      expect(warningsOf(step)).toEqual([
        expect.stringContaining('github.com could not write the check run'),
        expect.stringContaining('Whether the failure is accepted could not be asked'),
      ]);
      // Three attempts of ten seconds each, for the check, for the label and for the comment.
      expect(github.requests.length).toBeLessThanOrEqual(9);
      expect(secondsWaited(step)).toBeLessThan(MOST_WAITED_S);
    },
  );
});
