import { errorMessage, isUserError } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import type { Outcome } from '../action/outcome.ts';
import type { VersionRecord } from '../ledger/state.ts';
import { BEHIND, moveAlias } from '../registry/mlflow/projection.ts';
import { escapeMarkdown } from '../report/markdown.ts';
import type { Delivery } from './delivery.ts';

/**
 * Points MLflow's alias of the environment at the version that the ledger says is live. Returns why it does not point
 * there and how to repair that, undefined when it does or when there is no MLflow. Never fails what was deployed.
 */
export async function showLive(
  { settings, site }: Delivery,
  { version, modelDigest }: Pick<VersionRecord, 'version' | 'modelDigest'>,
  log: Log,
): Promise<string | undefined> {
  const { environment, registry } = settings;
  if (registry.type !== 'mlflow') return undefined;
  try {
    const projected = await moveAlias(site(), environment, version, modelDigest);
    if (projected.kind === 'differs') return projected.message;
    if (projected.kind === 'changed') log.info(projected.message);
    return undefined;
  } catch (error) {
    if (!isUserError(error)) throw error;
    return `MLflow's alias '${environment}' was not moved: ${errorMessage(error)} Run this step again when that is settled; it moves the alias alone.`;
  }
}

/** The outcome, as a warning when MLflow does not show what is live. */
export function withRegistry<O extends Outcome>(outcome: O, behind: string | undefined): O {
  if (behind === undefined) return outcome;
  return {
    ...outcome,
    decision: outcome.decision === 'pass' ? 'warn' : outcome.decision,
    reasonCode: BEHIND,
    message: `${outcome.message} ${behind}`,
    summary: `${outcome.summary ?? ''}\n\n${escapeMarkdown(behind)}`,
  };
}
