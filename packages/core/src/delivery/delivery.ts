import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { runUrl } from '../action/run-url.ts';
import { environmentOf } from '../ledger/assignment.ts';
import { rolloutLock, type RolloutLock } from '../ledger/lock.ts';
import type { Origin } from '../ledger/plan.ts';
import { openLedger, type Ledger } from '../ledger/repository.ts';
import {
  isIdentified,
  type IdentifiedVersion,
  type ModelState,
  type VersionRecord,
} from '../ledger/state.ts';
import { servedVersion, type LiveState, type Release, type ServingTarget } from '../serving/target.ts';
import type { KnownVersion } from '../rollout/state.ts';
import { siteOpener, type Site } from '../mlflow/site.ts';
import { openStoreOf } from '../registry/stores.ts';
import type { ReadableStore } from '../store/store.ts';
import type { EnvironmentSettings } from './settings.ts';
import type { VersionSettings } from './version-settings.ts';

/** Everything a rollout of one environment works with. */
export interface Delivery {
  readonly settings: EnvironmentSettings;
  readonly ledger: Ledger;
  readonly lock: RolloutLock;
  readonly target: ServingTarget;
  /** Who acts, for the ledger. */
  readonly origin: Origin;
  /** The MLflow server; throws UserError `bad-config` when nothing says where it is. */
  readonly site: () => Site;
  /** Where the bytes of a version are. Throws `missing-file` when the ledger does not say. */
  readonly store: (record: VersionRecord) => ReadableStore;
}

/** Connects the settings with the ledger, the target and the server. */
export async function openDelivery(context: ActionContext, settings: EnvironmentSettings): Promise<Delivery> {
  const { env, log, directory, signal } = context;
  const token = context.inputs['github-token'];
  const ledger = await openLedger({
    directory,
    token,
    serverUrl: env['GITHUB_SERVER_URL'],
    log,
    signal,
  });
  // Without the signal: after a cancellation it still shows what is live.
  const site = siteOpener(settings.registry.site, env);
  return {
    settings,
    ledger,
    lock: rolloutLock(ledger.access, settings.model, settings.environment, signal),
    target: await settings.target.open({
      model: settings.model,
      environment: settings.environment,
      env,
      log,
    }),
    origin: { actor: env['GITHUB_ACTOR'], run: runUrl(env) },
    site,
    store: storeOpener(context, settings),
  };
}

/** Opens the stores of a version as one. Throws what `openStoreOf` throws. */
export function storeOpener(
  { env, log, signal, inputs }: ActionContext,
  { registry, base }: Pick<VersionSettings, 'registry' | 'base'>,
): (record: VersionRecord) => ReadableStore {
  const site = siteOpener(registry.site, env, signal);
  const step = { base, env, log, signal, token: inputs['github-token'], site };
  return (record) => openStoreOf(record, registry.stores, step);
}

/** A version as the target stages it. */
export function releaseOf(delivery: Delivery, record: VersionRecord): Release {
  const { modelDigest } = requireDigest(record);
  const { model } = delivery.settings;
  return {
    model,
    version: record.version,
    modelDigest,
    async fetch(folder) {
      await delivery.store(record).fetch(model, modelDigest, folder);
    },
  };
}

/** A version whose bytes the ledger identifies. Throws `missing-file` for a tag that does not say. */
export function requireDigest(record: VersionRecord): IdentifiedVersion {
  if (isIdentified(record)) return record;
  throw new UserError(
    'missing-file',
    `Tag ${record.tag} has no 'Model-Digest: sha256:<64 hex digits>' trailer: another tool, such as GTO, registered ${record.version}, and nothing says which bytes it is. Name a version that register-model registered, or register the model with it: the same bytes get the next number.`,
  );
}

/** A version by name, with the digest that the ledger has of it. */
export function knownVersion(state: ModelState, version: string): KnownVersion {
  const modelDigest = state.versions.find((v) => v.version === version)?.modelDigest;
  return { version, ...(modelDigest === undefined ? {} : { modelDigest }) };
}

/**
 * What is served again when the candidate fails: what the ledger says is live, where the target has its bytes and it is not
 * kept out; else what is served, or what the target is set to.
 */
export async function stableVersion(
  { target, settings }: Delivery,
  state: ModelState,
  live: LiveState,
  candidate: string,
): Promise<KnownVersion | null> {
  const { live: inLedger, quarantined } = environmentOf(state, settings.environment);
  const set = live.intended.map(({ version }) => version);
  for (const version of [inLedger?.version, servedVersion(live), ...set]) {
    if (version === undefined || version === candidate || quarantined.has(version)) continue;
    const known = knownVersion(state, version);
    if (known.modelDigest !== undefined && (await target.holds(version, known.modelDigest))) return known;
  }
  // Beside a share of the candidate it is the other one.
  const intended = set.find((version) => version !== candidate) ?? set[0];
  return intended === undefined ? null : { version: intended };
}
