import { expect, test } from '@jest/globals';
import { deriveState } from '@sluice/core/ledger/derive-state.ts';
import { chooseCandidate, passedOver } from './choose.ts';

const tag = (name: string, seconds: number) => ({
  name,
  commit: `c${seconds}`,
  time: new Date(seconds * 1000),
  tagger: 'Ada',
  message: '',
});
const state = deriveState('m', [
  tag('m@v1.0.0', 1),
  tag('m@v2.0.0', 2),
  { ...tag('m@v2.0.0!', 3), commit: 'c2' },
]);

test('the newest registered version, unless one is named', () => {
  expect(chooseCandidate(state, { model: 'm' }).version).toBe('v1.0.0');
  expect(chooseCandidate(state, { model: 'm', version: 'v2.0.0' }).active).toBe(false);
});

test('a newer version that another tool registered is passed over, and said', () => {
  const bytes = { ...tag('m@v1.0.0', 1), message: `x\n\nModel-Digest: sha256:${'a'.repeat(64)}\n` };
  const mixed = deriveState('m', [bytes, tag('m@v2.0.0', 2), tag('m@v3.0.0', 3)]);
  const chosen = chooseCandidate(mixed, { model: 'm' });
  expect(chosen.version).toBe('v1.0.0');
  expect(passedOver(mixed, chosen)).toMatch(/^Passed over, .*: m@v2\.0\.0, m@v3\.0\.0\.$/);
  expect(passedOver(state, chooseCandidate(state, { model: 'm' }))).toBeUndefined();
});

test('a version that nobody registered is refused with those that are', () => {
  expect(() => chooseCandidate(state, { model: 'm', version: 'v9.0.0' })).toThrow(
    expect.objectContaining({
      reasonCode: 'unknown-version',
      decision: 'fail',
      message: 'm has no version v9.0.0. Registered: v1.0.0.',
    }),
  );
  expect(() => chooseCandidate(deriveState('m', []), { model: 'm' })).toThrow(
    'm has no registered version. Register one with register-model first.',
  );
});
