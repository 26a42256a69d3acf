import { code, details, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import type { Vouched } from '@sluice/core/delivery/evidence.ts';
import type { VersionRecord } from '@sluice/core/ledger/state.ts';
import type { Placed } from './destination.ts';
import type { FetchRequest } from './inputs.ts';

/** What came of a request that found its model. */
export interface Fetched extends Placed {
  /** False when it lay there already. */
  readonly isNew: boolean;
  readonly evidence: Pick<Vouched, 'file'>;
  /** Who accepted that the gate failed, and who signed, one sentence each. */
  readonly notes: readonly string[];
}

/** What the job summary shows. */
interface Story {
  readonly request: Pick<FetchRequest, 'model' | 'wanted' | 'path'>;
  readonly record: VersionRecord & { readonly modelDigest: string };
  readonly done: Fetched;
  /** Number of files and bytes, in words. */
  readonly size: string;
  /** Why somebody should think twice. */
  readonly doubt: string | undefined;
}

/** The job summary: which version lies where, what to think of, and the whole digest folded. */
export function fetchSummary({ request, record, done, size, doubt }: Story): string {
  const { model, wanted, path } = request;
  const { version, tag, store, modelDigest } = record;
  const where = wanted.kind === 'live' ? `, live in ${code(wanted.environment)},` : '';
  const facts = table(
    ['what', 'value'],
    [
      ['tag', code(tag)],
      ['model digest', code(`sha256:${modelDigest}`)],
      ['store', code(store ?? '')],
      ['passport', code(done.evidence.file)],
    ],
  );
  return [
    `### ${escapeMarkdown(model)} ${code(version)}${where} ${done.isNew ? 'was fetched' : 'was there already'}`,
    `${code(path)}: ${escapeMarkdown(size)}, verified against ${code(`sha256:${modelDigest.slice(0, 12)}`)} of the tag; its passport vouches for them.`,
    ...(doubt === undefined ? [] : [escapeMarkdown(doubt)]),
    ...done.notes.map(escapeMarkdown),
    details('Where it is from', facts),
  ].join('\n\n');
}
