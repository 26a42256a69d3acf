import { rowOf, type AnyResult } from '../kinds/index.ts';

/** What a result is called. Plain text. */
export function labelOf(result: AnyResult): string {
  return rowOf(result.kind).words.label(result);
}

/** One sentence about a result: what was found and, where it is not good, what would pass. Plain text. */
export function describeResult(result: AnyResult): string {
  return rowOf(result.kind).words.describe(result);
}
