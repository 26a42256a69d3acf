import type { GateRecord } from './gate-record.ts';

/**
 * Why stored numbers do not count: they do only where it is certain that they are about today's test set. Undefined where
 * they do.
 */
export function testSetDifference(
  gate: GateRecord | undefined,
  testSet: string | undefined,
  version: string,
): string | undefined {
  const then = gate?.['test-set-digest'] ?? undefined;
  const remedy = "Set gate.evaluate, so that the baseline is scored on today's test set.";
  if (then === undefined) return `It is not recorded which test set ${version} was measured on. ${remedy}`;
  if (testSet === undefined) {
    return `Today's test set is not known. Set 'data' or data.test, so that it can be compared with the one ${version} was measured on (sha256:${then}).`;
  }
  if (then === testSet) return undefined;
  return `${version} was measured on another test set (sha256:${then.slice(0, 12)}…, today's is sha256:${testSet.slice(0, 12)}…). ${remedy}`;
}
