import type { PastVersion } from '../gate/report/history-chart.ts';
import type { ModelState } from '../ledger/state.ts';
import { versionMetrics } from '../ledger/version-metrics.ts';
import type { FoundBaseline } from './found.ts';
import type { LedgerReader } from './ledger-reader.ts';

/** More versions than this do not fit side by side. */
const VERSIONS_KEPT = 10;

/** The last versions of a ledger that was read for the baseline already; it is not read for their sake alone. */
export async function readHistory(found: FoundBaseline, readLedger: LedgerReader): Promise<PastVersion[]> {
  if (found.kind === 'given' || found.kind === 'file') return [];
  const state = await readLedger();
  return typeof state === 'string' ? [] : pastVersions(state);
}

/** The last registered versions, oldest first; those whose tag names no metric are left out. */
export function pastVersions(state: ModelState): PastVersion[] {
  return state.versions
    .filter((record) => record.active)
    .map((record) => ({ version: record.version, metrics: versionMetrics(record) }))
    .filter(({ metrics }) => Object.keys(metrics).length > 0)
    .slice(-VERSIONS_KEPT);
}
