import type { OnDifferentTestSet } from '../gate/set-aside.ts';
import { recordedTestSet, type TestSetIdentity } from '../gate/test-set-identity.ts';
import type { GateRecord } from './gate-record.ts';

const NAME_IT = "Set data.test in sluice.yaml (or the input 'data') to the files of the test set.";
const KEPT = 'If data.test was not meant to change, restore it.';

/** What a team that reads of different test sets may do. */
export interface Ways {
  readonly policy: OnDifferentTestSet;
  /** Whether gate.evaluate is not set, and could be. */
  readonly canScore: boolean;
}

/** How two models are compared all the same, or the change gets past an error. */
function remedy({ policy, canScore }: Ways): string {
  const score = canScore ? " Set gate.evaluate, so that the baseline is scored on today's test set." : '';
  if (policy !== 'fail') return score;
  return `${score} ${canScore ? 'Or let' : 'Let'} this one change pass uncompared: gate.on-different-test-set: warn, until its numbers are the baseline.`;
}

/**
 * Why stored numbers do not count, and what to do where that is an error: they count only where it is certain that they are
 * about today's test set. Undefined where they do.
 */
export function testSetDifference(
  gate: GateRecord | undefined,
  testSet: TestSetIdentity,
  version: string,
  ways: Ways,
): string | undefined {
  const then = recordedTestSet(gate);
  const [before, now] = [shown(then), shown(testSet)];
  if (before === undefined && now === undefined) {
    return `No test set is named, so nobody knows whether ${version} and this model were measured on the same one. ${NAME_IT} ${version} was registered without it.${remedy(ways)}`;
  }
  if (before === undefined) {
    return `It is not recorded which test set ${version} was measured on, because data.test was not set for it.${remedy(ways)}`;
  }
  if (now === undefined) {
    return `Today's test set is not known. ${NAME_IT} Then it can be compared with the one that ${version} was measured on (${before}).`;
  }
  if (isShared(then.sha256, testSet.sha256) || isShared(then.md5, testSet.md5)) return undefined;
  return `${version} was measured on another test set (${short(before)}, today's is ${short(now)}). ${KEPT}${remedy(ways)}`;
}

/** Why the numbers of a commit do not count, whose test set has other files. */
export function otherFiles(what: string, changed: readonly string[], policy: OnDifferentTestSet): string {
  const [first = '', ...more] = changed;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  return `${what} is about another test set: ${first}${others} changed since. ${KEPT}${remedy({ policy, canScore: false })}`;
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
