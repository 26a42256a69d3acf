import { createHash } from 'node:crypto';
import { effectOfResult, type AnyResult } from './verdict.ts';

/** Hexadecimal digits of a digest; 64 bits, more than anybody can try models for. */
const DIGEST_LENGTH = 16;

/**
 * A digest of what fails: the identity, the unrounded numbers, the interval, the limits and the verdict of each result
 * that fails the gate. It does not depend on their order, nor on what else holds. Whoever accepts a failure accepts this.
 */
export function verdictDigest(results: readonly AnyResult[]): string {
  const failing = results
    .filter((result) => effectOfResult(result) === 'fail')
    .map((result) => JSON.stringify(numbersOf(result)))
    .sort();
  return createHash('sha256').update(JSON.stringify(failing)).digest('hex').slice(0, DIGEST_LENGTH);
}

/** The adjusted p-value is left out, because it depends on rules that hold. */
function numbersOf(result: AnyResult): object {
  if (!('checks' in result)) return result;
  const { comparison, ...rest } = result;
  return { ...rest, interval: comparison?.interval };
}

/** The results with those that fail acknowledged; an error cannot be. */
export function acknowledgeFailures<T extends AnyResult>(results: readonly T[]): T[] {
  return results.map((result) =>
    effectOfResult(result) === 'fail' ? { ...result, verdict: 'acknowledged' } : result,
  );
}
