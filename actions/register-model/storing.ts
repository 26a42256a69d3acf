import type { ActionContext } from '@sluice/core/action/context.ts';
import { PASSPORT } from '@sluice/core/evidence/passport.ts';
import { ATTESTATION } from '@sluice/core/evidence/signature/summary.ts';
import type { Evidence } from '@sluice/core/evidence/gather.ts';
import type { Companion } from '@sluice/core/store/store.ts';
import { signModel } from './attestation.ts';
import type { Findings } from './companions.ts';
import type { Registration } from './registration.ts';

/**
 * Signs the model where that is asked for, and stores its bytes with what this run found out about them. Where the bytes were
 * stored before, by a run that ended there or by one that is running now, what that run left stays beside them: the tag
 * names by digest what belongs to it.
 */
export async function signAndStore(
  context: ActionContext,
  registration: Registration,
): Promise<Registration> {
  const { settings, store, digest, evidence, findings } = registration;
  const signed = settings.attest ? await signModel(context, registration) : undefined;
  const companions = new Map([
    ...companionsOf(findings, evidence),
    ...(signed === undefined ? [] : [[ATTESTATION, { text: signed.text }] as const]),
  ]);
  const { versionIds } = await store.put(settings.model, digest.sha256, settings.modelPath, companions);
  context.log.info(`Stored in ${store.uri}. Writing the ledger.`);
  return {
    ...registration,
    wish: { ...registration.wish, attestationDigest: signed?.sha256 },
    signed,
    versionIds,
  };
}

/** What lies beside a model but for its signature, by name. */
export function companionsOf(findings: Findings, { passport }: Evidence): ReadonlyMap<string, Companion> {
  return new Map([...findings.files, [PASSPORT, { text: passport.text }]]);
}
