import type { RowsResult } from './judge.ts';

/** One sentence about a result. Plain text. */
export function describeRows({ id, rule, found }: RowsResult): string {
  if (found === undefined) return `${id}: there are no predictions whose rows could be counted. Give some.`;
  return `${id}: the test set has ${found} rows; at least ${rule.rows} are asked for.`;
}

/** Whether a limit is broken that does nothing but inform. */
export function isInformational({ rule, found = 0 }: RowsResult): boolean {
  return rule.severity === 'info' && found < rule.rows;
}
