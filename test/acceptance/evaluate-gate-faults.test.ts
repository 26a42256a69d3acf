import { afterAll, describe, expect, jest, test } from '@jest/globals';
import type { FaultKind } from '@sluice/testing/github/faults.ts';
import {
  ALWAYS,
  MOST_WAITED_S,
  expectAllShown,
  expectSameVerdict,
  operations,
  secondsWaited,
  stopDoubles,
  troubled,
  warningsOf,
  type Operation,
} from '@sluice/testing/troubled-gate.ts';

// Each test runs the built action against a double of its own. Most of the time is waiting, so they run side by side.
jest.setTimeout(180_000);

afterAll(stopDoubles);

/** What is left of the check where an operation is never carried out. */
function statusAfter(operation: Operation): string | undefined {
  if (operation === 'create check') return undefined;
  return operation === 'complete check' ? 'in_progress' : 'completed';
}

const everywhere = (kinds: readonly (readonly [string, FaultKind])[]): [string, string, FaultKind][] =>
  operations.flatMap((operation) =>
    kinds.map(([name, kind]): [string, string, FaultKind] => [operation, name, kind]),
  );

describe('what passes is overcome, and nothing is written twice', () => {
  test.concurrent.each(
    everywhere([
      ['one 500', { status: 500 }],
      ['one 503', { status: 503 }],
      ['one 429', { secondaryLimit: 429, retryAfter: 1 }],
      ['one 403 for asking too fast', { secondaryLimit: 403, retryAfter: 1 }],
      ['a torn answer', 'torn'],
      ['a connection that breaks after the request was carried out', 'reset'],
      ['a connection that breaks before', 'dropped'],
    ]),
  )('%s: %s', async (operation, _name, kind) => {
    const came = await troubled(operation as Operation, kind, 1);
    expectSameVerdict(came);
    expectAllShown(came);
    expect(came.github.state.checks).toHaveLength(operation === 'update comment' ? 2 : 1);
    expect(secondsWaited(came.step)).toBeLessThan(MOST_WAITED_S);
  });

  test.concurrent.each(operations)('%s: two 502 in a row', async (operation) => {
    const came = await troubled(operation, { status: 502 }, 2);
    expectSameVerdict(came);
    expectAllShown(came);
    expect(secondsWaited(came.step)).toBeLessThan(MOST_WAITED_S);
  });
});

describe('what lasts is one warning', () => {
  test.concurrent.each(
    everywhere([
      ['401', { status: 401 }],
      ['403', { status: 403 }],
      ['404', { status: 404 }],
      ['409', { status: 409 }],
      ['422', { status: 422 }],
      ['429 for a long time', { secondaryLimit: 429, retryAfter: 3600 }],
      ['500', { status: 500 }],
      ['a torn answer', 'torn'],
      ['a connection that breaks after the request was carried out', 'reset'],
      ['a connection that breaks before', 'dropped'],
    ]),
  )('%s: %s', async (operation, _name, kind) => {
    const came = await troubled(operation as Operation, kind, ALWAYS);
    expectSameVerdict(came);
    // An answer may be lost although all was carried out; the look before the next attempt finds that.
    const found = (kind === 'torn' || kind === 'reset') && operation !== 'list comments';
    expect(warningsOf(came.step)).toHaveLength(found ? 0 : 1);
    const { checks } = came.github.state;
    expect(checks.at(-1)?.status).toBe(found ? 'completed' : statusAfter(operation as Operation));
    expect(checks.length).toBeLessThanOrEqual(operation === 'update comment' ? 2 : 1);
    expect(secondsWaited(came.step)).toBeLessThan(MOST_WAITED_S);
  });

  test.concurrent.each(operations)('%s: a gate that passes stays green', async (operation) => {
    const { step } = await troubled(operation, { status: 403 }, ALWAYS, 0.7);
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(warningsOf(step)).toHaveLength(1);
  });

  test.concurrent('a missing permission prints the lines to add', async () => {
    const { step } = await troubled('create comment', { status: 403 }, ALWAYS);
    expect(warningsOf(step)).toEqual([
      'The token may not write the comment (403). The verdict is the same; it is in the job summary. To see it on the pull request, add to the job:\npermissions:\n  contents: read\n  checks: write\n  pull-requests: write',
    ]);
  });

  test.concurrent('GitHub says which field it refuses', async () => {
    const { step } = await troubled('create check', { status: 422 }, ALWAYS);
    expect(warningsOf(step)).toEqual([
      'github.com refused to write the check run: POST /repos/{owner}/{repo}/check-runs: 422 Validation Failed. The verdict is the same; it is in the job summary.',
    ]);
  });
});
