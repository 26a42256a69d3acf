import type { Assignment, ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { versionMetrics } from '@sluice/core/ledger/version-metrics.ts';
import { lineage, type Lineage, type Named } from '@sluice/core/registry/lineage.ts';
import { code, codeBlock, escapeMarkdown, table, withShortDigests } from '@sluice/core/report/markdown.ts';
import { formatNumber } from '@sluice/core/report/numbers.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import { folded, unfolded } from '@sluice/core/report/summary.ts';

/** One fact about what is live and about what would be; empty where there is none. */
export interface DiffRow {
  readonly name: string;
  readonly now: string;
  readonly after: string;
  /** How a value is shown beside the other, markdown. */
  readonly show: (value: string) => string;
}

/**
 * What is live and what would be, side by side, by what their tags say: versions, digests, commits, since when and why, metrics,
 * and which data and parameters are others.
 */
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
  const row = (
    name: string,
    of: (record: VersionRecord) => string | undefined,
    show: DiffRow['show'] = escapeMarkdown,
  ): DiffRow => ({
    name,
    now: now === undefined ? '' : (of(now) ?? ''),
    after: of(to) ?? '',
    show,
  });
  const [mine, theirs] = [from, to.version].map((version) =>
    version === undefined ? undefined : lineage(state, version),
  );
  const metrics = new Set([now, to].flatMap((record) => Object.keys(versionMetrics(record))));
  return [
    row('version', (v) => v.version, code),
    row(
      'model digest',
      (v) => v.modelDigest && `sha256:${v.modelDigest}`,
      (digest) => code(withShortDigests(digest)),
    ),
    ...valueRow('commit', mine?.code, theirs?.code, code),
    row('registered', (v) => v.registeredAt.toISOString(), minute),
    row('last put live', (v) => lastAssignment(v)?.at.toISOString(), minute),
    row('why', (v) => lastAssignment(v)?.trailers.get('Reason')),
    row('by', (v) => lastAssignment(v)?.trailers.get('Actor')),
    ...[...metrics].sort().map((name) => row(name, (v) => versionMetrics(v)[name]?.toString(), rounded)),
    ...othersOf('data', mine, theirs, (digests) => code(withShortDigests(digests))),
    ...othersOf('parameters', mine, theirs, escapeMarkdown),
  ];
}

function valueRow(
  name: string,
  now: string | undefined,
  after: string | undefined,
  show: DiffRow['show'],
): DiffRow[] {
  return now === undefined && after === undefined ? [] : [{ name, now: now ?? '', after: after ?? '', show }];
}

/** The entries that are others; one row says so where none is, and nothing is said where nobody recorded any. */
function othersOf(
  key: 'data' | 'parameters',
  mine: Lineage | undefined,
  theirs: Lineage | undefined,
  show: DiffRow['show'],
): DiffRow[] {
  const [now, after] = [mine?.[key], theirs?.[key]];
  if (now === undefined && after === undefined) return [];
  const names = [...new Set([now, after].flatMap((entries) => Object.keys(entries ?? {})))].sort();
  const others = names.filter((name) => now?.[name] !== after?.[name]);
  const rows = others.flatMap((name) => valueRow(`${key}: ${name}`, now?.[name], after?.[name], show));
  const [leftNow, leftAfter] = [mine, theirs].map((of) => of?.leftOut[LEFT_OUT[key]]?.toString());
  const hidden = valueRow(`${key} that the tag leaves out`, leftNow, leftAfter, escapeMarkdown);
  return rows.length > 0 || now === undefined || after === undefined
    ? [...rows, ...hidden]
    : [...valueRow(key, counted(now), counted(after), escapeMarkdown), ...hidden];
}

const LEFT_OUT = { data: 'Data', parameters: 'Parameters' } as const;

const counted = (entries: Named): string => `the same ${Object.keys(entries).length}`;

const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
const rounded = (number: string): string => formatNumber(Number(number));

/** The rows side by side, and folded all of it as it is. */
export function diffSections(rows: readonly DiffRow[], now: 'Live now' | 'Before' = 'Live now'): Section[] {
  const cell = ({ show }: DiffRow, value: string): string => (value === '' ? '' : show(value));
  const shown = rows.map((row) => [escapeMarkdown(row.name), cell(row, row.now), cell(row, row.after)]);
  const whole = rows.map(({ name, now, after }) => `${name}: ${now || 'none'} → ${after || 'none'}`);
  return [
    unfolded(table(['Fact', now, 'After'], shown)),
    folded('Unrounded, digests whole', codeBlock(whole.join('\n'))),
  ];
}
