import type { Log } from '../action/log.ts';
import type { Outcome } from '../action/outcome.ts';
import type { VersionRecord } from '../ledger/state.ts';
import { registryOf } from '../registry/index.ts';
import { BEHIND } from '../registry/registry.ts';
import type { Delivery } from './delivery.ts';

/**
 * Has the registry show which version the ledger says is live. Returns why it does not and how to repair that, undefined
 * when it does. Never fails what was deployed.
 */
export async function showLive(
  { settings, site }: Delivery,
  { version, modelDigest }: Pick<VersionRecord, 'version' | 'modelDigest'>,
  log: Log,
): Promise<string | undefined> {
  const { environment, registry } = settings;
  return registryOf(registry.type).showLive({ site, log }, { environment, version, digest: modelDigest });
}

/** The outcome, as a warning when the registry does not show what is live. */
export function withRegistry<O extends Outcome>(outcome: O, behind: string | undefined): O {
  if (behind === undefined) return outcome;
  return {
    ...outcome,
    decision: outcome.decision === 'pass' ? 'warn' : outcome.decision,
    reasonCode: BEHIND,
    message: `${outcome.message} ${behind}`,
  };
}
