import { createHash } from 'node:crypto';
import { effectOf } from './gate-verdict.ts';
import { rowOf, type AnyResult } from './kinds/index.ts';
import { withoutKind } from './recorded-rules.ts';

/** Hexadecimal digits of a digest; 64 bits, more than anybody can try models for. */
const DIGEST_LENGTH = 16;

/**
 * A digest of what fails: the identity, the unrounded numbers, the interval, the limits and the verdict of each result
 * that fails the gate. It does not depend on their order, nor on what else holds. Whoever accepts a failure accepts this.
 */
export function verdictDigest(results: readonly AnyResult[]): string {
  const failing = results
    .filter((result) => effectOf(result) === 'fail')
    .map((result) => JSON.stringify(numbersOf(result)))
    .sort();
  return createHash('sha256').update(JSON.stringify(failing)).digest('hex').slice(0, DIGEST_LENGTH);
}

function numbersOf(result: AnyResult): object {
  const { kind, rule } = result;
  return withoutKind({ ...rowOf(kind).ownNumbers(result), rule: withoutKind(rule) });
}

/** The results with those that fail acknowledged; an error cannot be. */
export function acknowledgeFailures<T extends AnyResult>(results: readonly T[]): T[] {
  return results.map((result) =>
    effectOf(result) === 'fail' ? { ...result, verdict: 'acknowledged' } : result,
  );
}
