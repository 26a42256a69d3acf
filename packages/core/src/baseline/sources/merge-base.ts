import { HISTORY_DEPTH, nearestAncestor } from '../../ledger/history.ts';
import type { Ledger } from '../../ledger/repository.ts';
import type { ModelState, VersionRecord } from '../../ledger/state.ts';
import { openLedgerIfAny } from '../ledger-reader.ts';
import { findBaseCommit } from './base-commit.ts';
import { activeVersions, inLedger, type InLedger, type SourceKind, type SourceSearch } from './source.ts';
import { waitForRuns } from './waiting.ts';

/** The version of the commit that the change is compared with, or of the nearest one before it. */
export const mergeBase: SourceKind = {
  find: (_, search) =>
    inLedger(search, async (state) => {
      const ledger = await openLedgerIfAny(search.context);
      return typeof ledger === 'string' ? { why: ledger } : versionOfMergeBase({ ...search, ledger, state });
    }),
};

interface MergeBaseRequest extends Pick<SourceSearch, 'context' | 'pull' | 'waitMs'> {
  readonly ledger: Ledger;
  readonly state: ModelState;
}

/**
 * The version registered at the merge base; where it has none, after waiting for the runs of that commit if asked to,
 * the one of the nearest ancestor that has one.
 */
async function versionOfMergeBase(request: MergeBaseRequest): Promise<InLedger> {
  const { context, ledger, pull, waitMs } = request;
  const base = await findBaseCommit(context, ledger.access, pull);
  if ('why' in base) return base;
  const at = (state: ModelState): VersionRecord | undefined =>
    activeVersions(state).findLast(({ commit }) => commit === base.commit);
  const own = at(request.state);
  if (own !== undefined) return { record: own, commitsBehind: 0 };
  if (waitMs === undefined) return versionBefore(request, base.commit, request.state);
  let state = request.state;
  const waited = await waitForRuns({
    context,
    commit: base.commit,
    waitMs,
    look: async () => at((state = await ledger.read(request.state.model))),
  });
  if ('found' in waited) return { record: waited.found, commitsBehind: 0 };
  const earlier = await versionBefore(request, base.commit, state);
  if (waited.why === undefined) return earlier;
  return 'record' in earlier ? { ...earlier, why: waited.why } : { why: `${earlier.why}; ${waited.why}` };
}

async function versionBefore(
  { context, ledger }: MergeBaseRequest,
  base: string,
  state: ModelState,
): Promise<InLedger> {
  const none = `no version is registered at the merge base ${base.slice(0, 7)}`;
  const versions = activeVersions(state);
  if (versions.length === 0) return { why: none };
  const wanted = new Set(versions.map(({ commit }) => commit));
  const found = await nearestAncestor(ledger.access, base, wanted, context.signal);
  if (found === undefined) return { why: `${none} nor at the ${HISTORY_DEPTH} commits before it` };
  if ('why' in found) {
    return {
      why: `${none}, and the commits before it cannot be fetched (${found.why}); set fetch-depth: 0 at actions/checkout`,
    };
  }
  const record = versions.findLast(({ commit }) => commit === found.commit);
  return record === undefined ? { why: none } : { record, commitsBehind: found.behind };
}
