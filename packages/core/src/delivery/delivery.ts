import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { runUrl } from '../action/run-url.ts';
import { rolloutLock, type RolloutLock } from '../ledger/lock.ts';
import type { Origin } from '../ledger/plan.ts';
import { openLedger, type Ledger } from '../ledger/repository.ts';
import type { ModelState, VersionRecord } from '../ledger/state.ts';
import { servedVersion, type LiveState, type Release, type ServingTarget } from '../serving/target.ts';
import type { KnownVersion } from '../rollout/effects.ts';
import { siteOpener, type Site } from '../mlflow/site.ts';
import { openStoreOf } from '../registry/stores.ts';
import type { Store } from '../store/store.ts';
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
  readonly store: (record: VersionRecord) => Store;
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
  const site = siteOpener(settings.registry.site, env);
  return {
    settings,
    ledger,
    lock: rolloutLock(ledger.access, settings.model, settings.environment, signal),
    target: await settings.target.open({ env, log }),
    origin: { actor: env['GITHUB_ACTOR'], run: runUrl(env) },
    site,
    store: storeOpener(context, settings, site),
  };
}

/** Opens the store that the tag of a version names. Throws `missing-file` when it names none, and what `openStoreOf` throws. */
export function storeOpener(
  { env, log, signal, inputs }: ActionContext,
  { registry, base }: Pick<VersionSettings, 'registry' | 'base'>,
  site: () => Site = siteOpener(registry.site, env),
): (record: VersionRecord) => Store {
  const step = { base, env, log, signal, token: inputs['github-token'], site };
  return (record) => {
    const { tag, version } = record;
    return openStoreOf({ tag, version, store: required(record, 'store') }, registry.stores, step);
  };
}

/** A version as the target stages it. */
export function releaseOf(delivery: Delivery, record: VersionRecord): Release {
  const modelDigest = required(record, 'modelDigest');
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
export function requireDigest(record: VersionRecord): VersionRecord & { readonly modelDigest: string } {
  if (!hasDigest(record)) throw unsaid(record, 'modelDigest');
  return record;
}

function hasDigest(record: VersionRecord): record is VersionRecord & { readonly modelDigest: string } {
  return record.modelDigest !== undefined;
}

function required(record: VersionRecord, key: 'store' | 'modelDigest'): string {
  const value = record[key];
  if (value === undefined) throw unsaid(record, key);
  return value;
}

function unsaid(record: VersionRecord, key: 'store' | 'modelDigest'): UserError {
  const trailer = key === 'store' ? 'Store' : "'Model-Digest: sha256:<64 hex digits>'";
  return new UserError(
    'missing-file',
    `Tag ${record.tag} has no ${trailer} trailer, so the bytes of ${record.version} cannot be found. It was not written by register-model; register the model with it.`,
  );
}

/** What is to be restored when a rollout fails: what is served, unless that is the candidate itself already. */
export async function previousVersion(
  { target, settings }: Delivery,
  state: ModelState,
  live: LiveState,
  candidate: string,
): Promise<KnownVersion | undefined> {
  const ledgerLive = state.environments.get(settings.environment)?.live?.version;
  const intended = live.intended[0]?.version;
  for (const version of [servedVersion(live), intended, ledgerLive]) {
    if (version === undefined || version === candidate) continue;
    const modelDigest = state.versions.find((v) => v.version === version)?.modelDigest;
    if (modelDigest !== undefined && (await target.holds(version, modelDigest)))
      return { version, modelDigest };
  }
  return intended === undefined ? undefined : { version: intended };
}
