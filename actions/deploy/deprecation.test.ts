import { describe, expect, test } from '@jest/globals';
import { deriveState } from '@sluice/core/ledger/derive-state.ts';
import { at, deployed } from '@sluice/testing/book.ts';
import { summaryOf } from '@sluice/testing/summary.ts';
import type { DeployOutcome } from './definition.ts';
import { withDeprecation } from './deprecation.ts';

const outcome: DeployOutcome = {
  decision: 'pass',
  reasonCode: 'ok',
  message: 'm v2.0.0 is live in prod.',
  outputs: { version: 'v2.0.0' },
  result: {},
  summary: { headline: { model: 'm', version: 'v2.0.0', verdict: 'is live in prod' }, changed: [], rest: [] },
};
const book = deployed(2);
const maintained = book.state();
const event = (name: string, second: number) => ({
  name,
  commit: 'commit 2',
  time: at(second),
  tagger: 'ada',
  message: 'retired',
});
const deprecated = deriveState('m', [...book.tags, event('m@deprecated#5', 1000)]);

describe('a model that the ledger says is deprecated', () => {
  test('is deployed with a warning, in the message and in the summary', () => {
    const warned = withDeprecation(outcome, deprecated);
    expect(warned).toMatchObject({
      decision: 'warn',
      reasonCode: 'deprecated',
      message: expect.stringMatching(
        /^m v2\.0\.0 is live in prod\. The ledger said that m is deprecated \(tag m@deprecated\)/,
      ),
      outputs: outcome.outputs,
    });
    expect(summaryOf(warned)).toMatch(
      /^### `m` `v2\.0\.0` is live in prod, with warnings\n\n\*\*The ledger said that m is deprecated/,
    );
  });

  test('keeps the warning of a deployment that nobody verified', () => {
    const message = 'so nothing was verified.';
    const warned = withDeprecation({ ...outcome, decision: 'warn', message }, deprecated);
    expect(warned).toMatchObject({ decision: 'warn', reasonCode: 'deprecated' });
    expect(warned.message).toMatch(/^so nothing was verified\. The ledger said/);
  });

  test.each([
    ['fail', 'rolled-back'],
    ['error', 'cancelled'],
    ['pass', 'already-live'],
  ] as const)('does not hide that the deployment came to %s, %s', (decision, reasonCode) => {
    const other = { ...outcome, decision, reasonCode };
    expect(withDeprecation(other, deprecated)).toBe(other);
  });

  test('is maintained again from its next event on', () => {
    expect(withDeprecation(outcome, maintained)).toBe(outcome);
    const revived = deriveState('m', [...book.tags, event('m@deprecated', 1000), event('m#prod#9', 1001)]);
    expect(withDeprecation(outcome, revived)).toBe(outcome);
  });
});
