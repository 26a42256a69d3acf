import type { ActionContext } from '../action/context.ts';
import type { PullRequest } from '../forge/event.ts';
import type { Ledger } from '../ledger/repository.ts';
import type { ModelState, VersionRecord } from '../ledger/state.ts';
import { tooOld } from './age.ts';
import type { GateSettings } from '../../../../actions/evaluate-gate/inputs.ts';
import { openLedgerIfAny, type LedgerReader } from './ledger-reader.ts';
import { versionOfMergeBase } from './merge-base.ts';
import type { BaselineSource } from './sources.ts';

/** What the candidate is compared with, before any byte of it is fetched. */
export type FoundBaseline =
  | (FoundVersion & { readonly source: string; readonly skipped: readonly string[] })
  | {
      readonly kind: 'file';
      readonly source: string;
      readonly path: string;
      readonly skipped: readonly string[];
    }
  | { readonly kind: 'given'; readonly source: string }
  | {
      readonly kind: 'none';
      /** Per source, why it has none. */
      readonly tried: readonly string[];
    };

/** `skipped` above says, per source that comes first, why it has none. */
interface FoundVersion {
  readonly kind: 'version';
  readonly record: VersionRecord;
  /** Of the merge base: how many commits it is ahead of the version's commit. */
  readonly commitsBehind?: number;
  /** Why the merge base's own version was not waited for any longer. */
  readonly why?: string;
}

interface BaselineSearch {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  readonly readLedger: LedgerReader;
  readonly pull: PullRequest | undefined;
}

/** Takes the first source that has a baseline. Throws when the ledger is there but cannot be read. */
export async function findBaseline(search: BaselineSearch): Promise<FoundBaseline> {
  const { sources, metrics, predictions, maxAge } = search.settings.baseline;
  if (metrics !== undefined || predictions !== undefined) return { kind: 'given', source: 'baseline files' };
  const skipped: string[] = [];
  for (const source of sources) {
    if (source.kind === 'file') return { kind: 'file', source: source.text, path: source.path, skipped };
    const found = await trySource(source, search);
    const why = typeof found === 'string' ? found : tooOld(found.record, maxAge, Date.now());
    if (why === undefined && typeof found !== 'string') return { ...found, source: source.text, skipped };
    skipped.push(`${source.text}: ${why}`);
  }
  return { kind: 'none', tried: skipped };
}

type LedgerSource = Exclude<BaselineSource, { kind: 'file' }>;

async function trySource(source: LedgerSource, search: BaselineSearch): Promise<FoundVersion | string> {
  const state = await search.readLedger();
  if (typeof state === 'string') return state;
  if (source.kind === 'merge-base') return tryMergeBase(search, state);
  const record = recordOf(source, state);
  return typeof record === 'string' ? record : { kind: 'version', record };
}

function recordOf(
  source: Exclude<LedgerSource, { kind: 'merge-base' }>,
  state: ModelState,
): VersionRecord | string {
  const active = state.versions.filter((version) => version.active);
  if (source.kind === 'latest') return active.at(-1) ?? `no version of ${state.model} is registered`;
  const live = state.environments.get(source.environment)?.live;
  if (live === undefined) return `nothing is live in ${source.environment}`;
  return (
    active.find((v) => v.version === live.version) ??
    `${live.version} is live in ${source.environment} but not registered`
  );
}

async function tryMergeBase(
  { context, settings, pull }: BaselineSearch,
  state: ModelState,
): Promise<FoundVersion | string> {
  const ledger: Ledger | string = await openLedgerIfAny(context);
  if (typeof ledger === 'string') return ledger;
  const { waitMs } = settings.baseline;
  const found = await versionOfMergeBase({ context, ledger, state, pull, waitMs });
  return 'record' in found ? { kind: 'version', ...found } : found.why;
}
