import { details } from '../../../report/markdown.ts';
import type { MetricResult } from './verdict.ts';
import { fullTable } from './table.ts';
import { countWords } from '../../report/counts.ts';

/** Every result, folded: those on all rows, then one part for each rule and what it is sliced by. */
export function foldedResults(sorted: readonly MetricResult[]): string[] {
  const groups = new Map<string, MetricResult[]>();
  for (const result of sorted) {
    const by = result.slice === undefined ? '' : Object.keys(result.slice).join(' × ');
    const title = by === '' ? 'Rules on all rows' : `Slices of ${result.id} by ${by}`;
    groups.set(title, [...(groups.get(title) ?? []), result]);
  }
  return [...groups]
    .sort(([, [a]], [, [b]]) => Number(a?.slice !== undefined) - Number(b?.slice !== undefined))
    .map(([title, results]) => details(`${title} (${countWords(results)})`, fullTable(results)));
}
