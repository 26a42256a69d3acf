import type { ActionContext } from '@sluice/core/action/context.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { findBaseCommit } from './base-commit.ts';
import type { GateSettings } from './inputs.ts';
import type { LedgerReader } from './ledger-reader.ts';
import type { BaselineSource } from './sources.ts';

/** What the candidate is compared with, before any byte of it is fetched. */
export type FoundBaseline =
  | { readonly kind: 'version'; readonly source: string; readonly record: VersionRecord }
  | { readonly kind: 'file'; readonly source: string; readonly path: string }
  | { readonly kind: 'given'; readonly source: string }
  | {
      readonly kind: 'none';
      /** Per source, why it has none. */
      readonly tried: readonly string[];
    };

/** Takes the first source that has a baseline. Throws when the ledger is there but cannot be read. */
export async function findBaseline(
  context: ActionContext,
  settings: GateSettings,
  readLedger: LedgerReader,
): Promise<FoundBaseline> {
  const { sources, metrics, predictions } = settings.baseline;
  if (metrics !== undefined || predictions !== undefined) return { kind: 'given', source: 'baseline files' };
  const tried: string[] = [];
  for (const source of sources) {
    const found = await trySource(source, context, readLedger);
    if (typeof found !== 'string') return found;
    tried.push(`${source.text}: ${found}`);
  }
  return { kind: 'none', tried };
}

async function trySource(
  source: BaselineSource,
  context: ActionContext,
  readLedger: LedgerReader,
): Promise<FoundBaseline | string> {
  if (source.kind === 'file') return { kind: 'file', source: source.text, path: source.path };
  const state = await readLedger();
  if (typeof state === 'string') return state;
  const record = await recordOf(source, state, context);
  return typeof record === 'string' ? record : { kind: 'version', source: source.text, record };
}

async function recordOf(
  source: Exclude<BaselineSource, { kind: 'file' }>,
  state: ModelState,
  context: ActionContext,
): Promise<VersionRecord | string> {
  const active = state.versions.filter((version) => version.active);
  switch (source.kind) {
    case 'environment': {
      const live = state.environments.get(source.environment)?.live;
      if (live === undefined) return `nothing is live in ${source.environment}`;
      return (
        active.find((v) => v.version === live.version) ??
        `${live.version} is live in ${source.environment} but not registered`
      );
    }
    case 'latest':
      return active.at(-1) ?? `no version of ${state.model} is registered`;
    case 'merge-base': {
      const base = await findBaseCommit(context);
      if ('why' in base) return base.why;
      return (
        active.findLast((v) => v.commit === base.commit) ??
        `no version is registered at the merge base ${base.commit.slice(0, 7)}`
      );
    }
  }
}
