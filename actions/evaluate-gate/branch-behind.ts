import type { ActionContext } from '@sluice/core/action/context.ts';
import { isUserError } from '@sluice/core/action/errors.ts';
import { openLedgerIfAny } from '@sluice/core/baseline/ledger-reader.ts';
import type { FoundBaseline } from '@sluice/core/baseline/found.ts';
import type { PullRequest } from '@sluice/core/forge/event.ts';
import type { GateVerdict } from '@sluice/core/gate/gate-verdict.ts';
import { findCheckedOut } from '@sluice/core/ledger/checked-out.ts';
import { isInHistory } from '@sluice/core/ledger/history.ts';
import type { GateSettings } from './inputs.ts';

interface Judged {
  readonly settings: Pick<GateSettings, 'fromFork'>;
  readonly found: FoundBaseline;
  readonly verdict: GateVerdict;
  readonly pull: PullRequest | undefined;
}

/**
 * Says that a change was held against a version that its branch does not have yet. Asked only where a rule does not hold,
 * since a shallow checkout has to fetch its history for it.
 */
export async function branchBehind(
  context: ActionContext,
  { settings, found, verdict, pull }: Judged,
): Promise<string | undefined> {
  const isWorse = verdict.reason === 'regression' || verdict.reason === 'inconclusive';
  if (pull === undefined || settings.fromFork || found.kind !== 'version' || !isWorse) return undefined;
  const { version, commit } = found.record;
  try {
    const [ledger, head] = [await openLedgerIfAny(context), await findCheckedOut(context.directory)];
    if (typeof ledger === 'string' || head === undefined) return undefined;
    if ((await isInHistory(ledger.access, head, commit, context.signal)) !== false) return undefined;
  } catch (error) {
    if (!isUserError(error) || error.reasonCode === 'cancelled') throw error;
    return undefined;
  }
  return `The commit of ${version} (${commit.slice(0, 7)}) is not in this branch, which may lack what made ${version} better. Merge ${pull.baseRef} into it ("Update branch") and let the gate judge that; or compare with what the branch began from: gate.baseline: merge-base.`;
}
