import { recordedTestSet, type TestSetIdentity } from '../gate/test-set-identity.ts';
import type { GateRecord } from './gate-record.ts';

/**
 * Why stored numbers do not count: they do only where it is certain that they are about today's test set. Undefined where
 * they do.
 */
export function testSetDifference(
  gate: GateRecord | undefined,
  testSet: TestSetIdentity,
  version: string,
): string | undefined {
  const then = recordedTestSet(gate);
  const remedy = "Set gate.evaluate, so that the baseline is scored on today's test set.";
  const [before, now] = [shown(then), shown(testSet)];
  if (before === undefined) return `It is not recorded which test set ${version} was measured on. ${remedy}`;
  if (now === undefined) {
    return `Today's test set is not known. Set 'data' or data.test, so that it can be compared with the one ${version} was measured on (${before}).`;
  }
  if (isShared(then.sha256, testSet.sha256) || isShared(then.md5, testSet.md5)) return undefined;
  return `${version} was measured on another test set (${short(before)}, today's is ${short(now)}). ${remedy}`;
}

/** Whether DVC's digest alone says that two test sets are one, since their sha256 is not known of both. */
export function isSameByMd5(gate: GateRecord | undefined, { sha256, md5 }: TestSetIdentity): boolean {
  const then = recordedTestSet(gate);
  return isShared(then.md5, md5) && (then.sha256 === undefined || sha256 === undefined);
}

function isShared(then: string | undefined, now: string | undefined): boolean {
  return then !== undefined && then === now;
}

function shown({ sha256, md5 }: TestSetIdentity): string | undefined {
  return sha256 === undefined ? md5 : `sha256:${sha256}`;
}

function short(digest: string): string {
  return digest.replace(/(:[0-9a-f]{12})[0-9a-f]+/, '$1…');
}
