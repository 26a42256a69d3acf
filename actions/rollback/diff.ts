import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { code, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';

/** What is live and what would be, side by side: versions, digests, metrics, since when and why. */
export function diffTable(
  state: ModelState,
  environment: string,
  from: string | undefined,
  to: VersionRecord,
): string {
  const now = state.versions.find((v) => v.version === from);
  const history = state.environments.get(environment)?.history ?? [];
  const lastAssignment = (version: string | undefined) =>
    history.findLast((event) => event.kind === 'assignment' && event.version === version);
  const row = (name: string, of: (record: VersionRecord) => string | undefined): string[] => [
    name,
    ...[now, to].map((record) => (record === undefined ? '' : (of(record) ?? ''))),
  ];
  const metrics = [now, to].map((record) => metricsOf(record));
  const names = [...new Set(metrics.flatMap((m) => Object.keys(m)))].sort();
  return table(
    ['', 'live now', 'after'],
    [
      row('version', (v) => code(v.version)),
      row('model digest', (v) => v.modelDigest && code(`sha256:${v.modelDigest}`)),
      row('registered', (v) => v.registeredAt.toISOString()),
      row('last put live', (v) => lastAssignment(v.version)?.at.toISOString()),
      row('why', (v) => escapeMarkdown(lastAssignment(v.version)?.reason ?? '')),
      row('by', (v) => escapeMarkdown(lastAssignment(v.version)?.actor ?? '')),
      ...names.map((name) => [escapeMarkdown(name), ...metrics.map((m) => String(m[name] ?? ''))]),
    ],
  );
}

/** The metrics of the registration tag; whatever is no number there is left out. */
function metricsOf(record: VersionRecord | undefined): Record<string, number> {
  const text = record?.trailers.get('Metrics');
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
