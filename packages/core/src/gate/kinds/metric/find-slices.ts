import type { MeasuredCandidate } from '../../measured-models.ts';
import { sliceRows, type Slice } from '../../slices.ts';
import type { MetricRule, SliceRequest } from './settle.ts';
import { isComputed } from './values.ts';

/** More slices than this say that the column is not one to slice by. */
const MOST_SLICES = 1_000;

/** The slices that a rule asks for, or why there are none to judge. */
export function findSlices(
  rule: MetricRule,
  request: SliceRequest,
  candidate: MeasuredCandidate,
): Slice[] | string {
  if (!isComputed(rule.metric, candidate)) {
    return `'${rule.metric}' is not computed from predictions, so it has no slices. Use a metric that is, or remove slices.`;
  }
  const columns: [string, readonly (string | null)[]][] = [];
  for (const name of request.by) {
    const cells = candidate.column(name);
    if (cells === undefined)
      return `The predictions have no column '${name}' to slice by. Write it, or correct the name.`;
    columns.push([name, cells]);
  }
  const slices = sliceRows(columns);
  const by = request.by.join(' × ');
  if (slices.length > MOST_SLICES) {
    return `${by} has ${slices.length} slices, more than the ${MOST_SLICES} allowed. Slice by a column with fewer values.`;
  }
  const largest = slices[0]?.rows.length ?? 0;
  return largest < request.minRows
    ? `No slice by ${by} has the ${request.minRows} rows that min-n asks for; the largest has ${largest}. Lower min-n, or evaluate on more rows.`
    : slices;
}
