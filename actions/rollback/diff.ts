import type { Assignment, ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { versionMetrics } from '@sluice/core/ledger/version-metrics.ts';
import { code, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';

/** One fact about what is live and about what would be; empty where there is none. */
export interface DiffRow {
  readonly name: string;
  readonly now: string;
  readonly after: string;
}

/** What is live and what would be, side by side: versions, digests, metrics, since when and why. */
export function diffRows(
  state: ModelState,
  environment: string,
  from: string | undefined,
  to: VersionRecord,
): DiffRow[] {
  const now = state.versions.find((v) => v.version === from);
  const history = state.environments.get(environment)?.history ?? [];
  const lastAssignment = ({ version }: VersionRecord): Assignment | undefined =>
    history.findLast((event) => event.kind === 'assignment' && event.version === version);
  const row = (name: string, of: (record: VersionRecord) => string | undefined): DiffRow => ({
    name,
    now: now === undefined ? '' : (of(now) ?? ''),
    after: of(to) ?? '',
  });
  const metrics = new Set([now, to].flatMap((record) => Object.keys(versionMetrics(record))));
  return [
    row('version', (v) => v.version),
    row('model digest', (v) => v.modelDigest && `sha256:${v.modelDigest}`),
    row('registered', (v) => v.registeredAt.toISOString()),
    row('last put live', (v) => lastAssignment(v)?.at.toISOString()),
    row('why', (v) => lastAssignment(v)?.trailers.get('Reason')),
    row('by', (v) => lastAssignment(v)?.trailers.get('Actor')),
    ...[...metrics].sort().map((name) => row(name, (v) => versionMetrics(v)[name]?.toString())),
  ];
}

/** The rows as markdown. */
export function diffTable(rows: readonly DiffRow[]): string {
  return table(
    ['', 'live now', 'after'],
    rows.map(({ name, now, after }) => [escapeMarkdown(name), cell(now), cell(after)]),
  );
}

function cell(value: string): string {
  return value === '' ? '' : code(value);
}
