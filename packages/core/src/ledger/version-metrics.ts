import { parseJson } from '../action/json.ts';
import type { VersionRecord } from './state.ts';

/** The metrics that a version's registration tag names; whatever is no number there is left out. */
export function versionMetrics(record: VersionRecord | undefined): Readonly<Record<string, number>> {
  const parsed = parseJson(record?.trailers.get('Metrics') ?? '');
  if (typeof parsed !== 'object' || parsed === null) return {};
  return Object.fromEntries(
    Object.entries(parsed).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
