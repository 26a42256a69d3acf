import type { ActionContext } from '@sluice/core/action/context.ts';
import { PASSPORT } from '@sluice/core/evidence/passport.ts';
import { ATTESTATION } from '@sluice/core/evidence/signature/summary.ts';
import type { RegisterWish } from '@sluice/core/ledger/registration.ts';
import type { Companion, PutResult } from '@sluice/core/store/store.ts';
import { signModel } from './attestation.ts';
import { cardLink } from './card.ts';
import type { Findings } from './companions.ts';
import type { Registration, Signed } from './registration.ts';
import type { Evidence } from '@sluice/core/evidence/gather.ts';
import { storedDigests, type CompanionDigests } from './stored.ts';

/**
 * Signs the model where that is asked for, and stores its bytes with what belongs to them. Returns the registration with what the
 * tag has to name: of bytes that were stored before, by a run that ended there or by one that is running now, what lies
 * beside them.
 */
export async function signAndStore(
  context: ActionContext,
  registration: Registration,
): Promise<Registration> {
  const signed = await signUnlessStored(context, registration);
  const { beside, versionIds } = await storeModel(registration, signed);
  context.log.info(`Stored in ${registration.store.uri}. Writing the ledger.`);
  if (beside !== undefined)
    return { ...registration, wish: { ...registration.wish, ...namesOf(beside) }, versionIds };
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

/** Bytes that were stored before keep the signature that lies beside them. */
async function signUnlessStored(
  context: ActionContext,
  registration: Registration,
): Promise<Signed | undefined> {
  const { settings, store, digest } = registration;
  if (!settings.attest || (await store.has(settings.model, digest.sha256))) return undefined;
  return signModel(context, registration);
}

/** Stores the bytes; where they were stored before, `beside` has the digests of what lies beside them. */
async function storeModel(
  { settings, store, digest, evidence, findings }: Registration,
  signed: Signed | undefined,
): Promise<{ readonly beside?: CompanionDigests; readonly versionIds: PutResult['versionIds'] }> {
  const { model, modelPath } = settings;
  const companions = new Map([
    ...companionsOf(findings, evidence),
    ...(signed === undefined ? [] : [[ATTESTATION, { text: signed.text }] as const]),
  ]);
  const { created, versionIds } = await store.put(model, digest.sha256, modelPath, companions);
  return created
    ? { versionIds }
    : { versionIds, beside: await storedDigests(store, digest.sha256, settings) };
}

/** What the tag has to name instead of what this run made. */
function namesOf({
  passport,
  attestation,
  metrics,
  card,
}: CompanionDigests): Pick<
  RegisterWish,
  'passportDigest' | 'attestationDigest' | 'metricsDigest' | 'modelCard'
> {
  return {
    passportDigest: passport,
    attestationDigest: attestation,
    metricsDigest: metrics,
    modelCard: card === undefined ? undefined : cardLink(card),
  };
}
