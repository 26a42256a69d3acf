import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GateRecord } from './gate-record.ts';
import { isSameByMd5, otherFiles, testSetDifference } from './test-set-difference.ts';

const record = (digest: string | null) => ({ metrics: {}, 'test-set-digest': digest, predictions: null });

const FAIL = { policy: 'fail', canScore: true } as const;

test.each([
  ['the same test set', record('aa'), 'aa', undefined],
  ['another one', record('aa'), 'bb', 'v1.0.0 was measured on another test set'],
  [
    'one that is not recorded',
    record(null),
    'aa',
    'It is not recorded which test set v1.0.0 was measured on',
  ],
  ['no gate at all', undefined, 'aa', 'It is not recorded which test set v1.0.0 was measured on'],
  ['one, while today’s is not known', record('aa'), undefined, "Today's test set is not known"],
])('a version that was measured on %s', (_what, gate, today, said) => {
  const difference = testSetDifference(gate, { sha256: today }, 'v1.0.0', FAIL);
  expect(difference === undefined).toBe(said === undefined);
  expect(difference ?? '').toContain(said ?? '');
});

test('the first thing to do is to name the test set, and what is no error needs no way past it', () => {
  const difference = (policy: 'fail' | 'warn'): string =>
    testSetDifference(undefined, {}, 'v1.0.0', { policy, canScore: true }) ?? '';
  expect(difference('fail')).toMatch(/same one\. Set data\.test .* gate\.on-different-test-set: warn/);
  expect(difference('warn')).not.toContain('on-different-test-set');
  expect(testSetDifference(undefined, {}, 'v1.0.0', { policy: 'fail', canScore: false })).not.toContain(
    'gate.evaluate',
  );
  expect(otherFiles('m.json at abc', ['a.csv', 'b.csv'], 'fail')).toContain(
    'a.csv and 1 more changed since.',
  );
});

const hex = fc.constantFrom('a'.repeat(64), 'b'.repeat(64));
const identity = fc.record(
  { sha256: hex, md5: fc.constantFrom(`md5:${'1'.repeat(32)}`, `md5:${'1'.repeat(32)}.dir`) },
  { requiredKeys: [] },
);

test('two test sets are the same where they share a digest of one kind, and nowhere else', () => {
  fc.assert(
    fc.property(identity, identity, (then, now) => {
      const gate: GateRecord = {
        metrics: {},
        predictions: null,
        'test-set-digest': then.sha256 ?? null,
        'test-set-md5': then.md5 ?? null,
      };
      const isSame =
        (then.sha256 !== undefined && then.sha256 === now.sha256) ||
        (then.md5 !== undefined && then.md5 === now.md5);
      expect(testSetDifference(gate, now, 'v1.0.0', FAIL) === undefined).toBe(isSame);
    }),
  );
});

test('a record of before DVC counted has no md5', () => {
  const gate = { metrics: {}, predictions: null, 'test-set-digest': 'a'.repeat(64) };
  expect(testSetDifference(gate, { sha256: 'a'.repeat(64) }, 'v1.0.0', FAIL)).toBeUndefined();
  expect(testSetDifference(gate, { md5: 'md5:1' }, 'v1.0.0', FAIL)).toMatch(
    /another test set \(sha256:a{12}…, today's is md5:1\)/,
  );
});

test("DVC's MD5 speaks alone where sha256 is not known of both", () => {
  const gate = { metrics: {}, predictions: null, 'test-set-digest': null, 'test-set-md5': 'md5:a' };
  expect(isSameByMd5(gate, { sha256: 'b', md5: 'md5:a' })).toBe(true);
  expect(isSameByMd5({ ...gate, 'test-set-digest': 'b' }, { md5: 'md5:a' })).toBe(true);
  expect(isSameByMd5({ ...gate, 'test-set-digest': 'b' }, { sha256: 'b', md5: 'md5:a' })).toBe(false);
  expect(isSameByMd5(gate, { md5: 'md5:b' })).toBe(false);
  expect(isSameByMd5(undefined, {})).toBe(false);
});
