import type { ActionContext } from '@sluice/core/action/context.ts';
import { sha256File } from '@sluice/core/digest/files.ts';
import { PASSPORT } from '@sluice/core/evidence/passport.ts';
import { ATTESTATION } from '@sluice/core/evidence/signature/summary.ts';
import { planRegistration, type RegisterWish } from '@sluice/core/ledger/registration.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { storesOf } from '@sluice/core/registry/stores.ts';
import { companionDigest } from '@sluice/core/store/companions.ts';
import { severalStores } from '@sluice/core/store/several.ts';
import type { Companion, CompanionId, ReadableStore, StoreStep } from '@sluice/core/store/store.ts';
import { RECORDED_GOLDEN } from '@sluice/core/serving/golden.ts';
import { METRICS } from './companions.ts';
import type { Registration } from './registration.ts';
import { companionsOf } from './storing.ts';

/** What became of the version that has the bytes of this run already. */
export type Kept =
  | { readonly kind: 'kept' }
  /** This run has what is missing. */
  | (Gone & { readonly kind: 'missing'; readonly beside: ReadonlyMap<string, Companion> })
  /** Nobody has what is missing, so that nothing makes the version whole again. */
  | (Gone & { readonly kind: 'lost' });

/** What is not where it should be. */
interface Gone {
  /** Such as `its bytes, passport.jsonl`. */
  readonly what: string;
  /** The stores that were looked in. */
  readonly where: string;
}

/** What is to be registered, after a look at what the stores still have. */
export interface Settled {
  readonly registration: Registration;
  readonly planned: ReturnType<typeof planRegistration>;
  /** The version that has the bytes already, and what became of it; absent where none has them. */
  readonly earlier?: { readonly record: VersionRecord; readonly kept: Kept };
}

/**
 * Plans the registration. A version of the same bytes counts for as long as it can be used: one whose evidence is lost for good
 * never can be again, so the bytes get another version then.
 */
export async function settle(
  registration: Registration,
  state: ModelState,
  step: StoreStep,
): Promise<Settled> {
  const unusable = new Set<string>();
  let lost: Settled['earlier'];
  for (;;) {
    const wish: RegisterWish = { ...registration.wish, unusable };
    const planned = planRegistration(state, wish, new Date());
    const record =
      planned.kind === 'nothing'
        ? state.versions.find(({ version }) => version === planned.version)
        : undefined;
    const settled = { registration: { ...registration, wish }, planned };
    if (record === undefined) return lost === undefined ? settled : { ...settled, earlier: lost };
    const kept = await whatIsKept(registration, record, step);
    if (kept.kind !== 'lost') return { ...settled, earlier: { record, kept } };
    unusable.add(record.version);
    lost = { record, kept };
  }
}

/** Looks for the bytes, and for what the tag names beside them and a deployment or a gate cannot do without. */
async function whatIsKept(registration: Registration, record: VersionRecord, step: StoreStep): Promise<Kept> {
  const { settings, store, digest } = registration;
  const others = storesOf(record, settings.registry.stores, step).filter(({ uri }) => uri !== store.uri);
  const places = severalStores(store, others);
  const beside = await besideHere(registration);
  const bring = new Map<string, Companion>();
  const lost: string[] = [];
  const hasBytes = await places.has(settings.model, digest.sha256);
  for (const wanted of namedBy(record)) {
    if (await isThere(places, settings.model, digest.sha256, wanted)) continue;
    const here = beside.get(keyOf(wanted));
    if (here === undefined) lost.push(wanted.name);
    else bring.set(wanted.name, here);
  }
  const where = places.uris.join(' and ');
  if (lost.length > 0) return { kind: 'lost', what: lost.join(', '), where };
  const gone = [...(hasBytes ? [] : ['its bytes']), ...bring.keys()];
  return gone.length === 0
    ? { kind: 'kept' }
    : { kind: 'missing', what: gone.join(', '), where, beside: withPassport(registration, bring) };
}

/** A run with the very passport of the version has all else that the passport and the tag name too. */
function withPassport(
  { findings, evidence }: Registration,
  bring: ReadonlyMap<string, Companion>,
): ReadonlyMap<string, Companion> {
  return bring.has(PASSPORT) ? companionsOf(findings, evidence) : bring;
}

/** What a version needs beside its bytes. */
function namedBy({
  passportDigest,
  attestationDigest,
  metricsDigest,
  goldenDigest,
}: VersionRecord): CompanionId[] {
  const named = [
    { name: PASSPORT, sha256: passportDigest },
    { name: ATTESTATION, sha256: attestationDigest },
    { name: METRICS, sha256: metricsDigest },
    { name: RECORDED_GOLDEN, sha256: goldenDigest },
  ];
  return named.filter(({ sha256 }) => sha256 !== undefined);
}

async function isThere(
  store: ReadableStore,
  model: string,
  digest: string,
  wanted: CompanionId,
): Promise<boolean> {
  const file = await store.companion(model, digest, wanted);
  return file !== undefined && (await sha256File(file)) === wanted.sha256;
}

/** What this run would put beside the bytes, by name and digest. */
async function besideHere({ findings, evidence }: Registration): Promise<ReadonlyMap<string, Companion>> {
  const files = [...companionsOf(findings, evidence)];
  return new Map(
    await Promise.all(
      files.map(async ([name, content]) => {
        const sha256 = await companionDigest(content);
        return [keyOf({ name, sha256 }), content] as const;
      }),
    ),
  );
}

const keyOf = ({ name, sha256 }: CompanionId): string => `${name} ${sha256 ?? ''}`;

/** Puts back what is missing of a version. Returns a sentence about it; nothing is put in a dry run. */
export async function bringBack(
  { log }: Pick<ActionContext, 'log'>,
  { settings, store, digest }: Registration,
  { version }: VersionRecord,
  { what, where, beside }: Extract<Kept, { kind: 'missing' }>,
): Promise<string> {
  const gone = `Not in ${where} any more: ${what} of ${version}.`;
  if (settings.dryRun) return `${gone} Without dry-run it would be put into ${store.uri}.`;
  await store.put(settings.model, digest.sha256, settings.modelPath, beside);
  log.info(`Stored in ${store.uri} again.`);
  return `${gone} It was put into ${store.uri} again; find out what removed it.`;
}
