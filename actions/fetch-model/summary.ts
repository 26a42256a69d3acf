import { code, escapeMarkdown, withShortDigests } from '@sluice/core/report/markdown.ts';
import { unfolded, wholeSection, type Summary } from '@sluice/core/report/summary.ts';
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

/** The job summary: which version lies where, what vouches for it, and folded where it is from. */
export function fetchSummary(
  { model, path }: Pick<FetchRequest, 'model' | 'path'>,
  { version, tag, store, modelDigest }: VersionRecord & { readonly modelDigest: string },
  { evidence, notes }: Fetched,
  verdict: string,
): Summary {
  const digest = `sha256:${modelDigest}`;
  return {
    headline: { model, version, verdict },
    changed: [unfolded(`${code(path)}: model ${code(withShortDigests(digest))}.`)],
    rest: [
      ...notes.map((note) => unfolded(escapeMarkdown(note))),
      wholeSection('Where it is from', {
        'Model digest': digest,
        Tag: tag,
        Store: store,
        Passport: evidence.file,
      }),
    ],
  };
}
