import { randomUUID } from 'node:crypto';
import { isFree, numberOf, versionOf } from '../../mlflow/numbers.ts';
import { getLoggedModel, loggedModelOf, tagLoggedModel } from '../../mlflow/logged-models.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { DIGEST_TAG } from '../../store/mlflow/publication.ts';
import { tagOf, type ModelVersion } from '../../mlflow/schemas.ts';
import {
  aliasTarget,
  createVersion,
  deleteVersion,
  ensureRegisteredModel,
  findVersions,
  getVersion,
  setAlias,
  tagVersion,
} from '../../mlflow/versions.ts';

/** A number that MLflow gave, not yet in the ledger. */
export interface Reservation {
  /** The ledger's name of it, such as `v3.0.0`. */
  readonly version: string;
  /** MLflow's name of it, such as `3`. */
  readonly number: string;
  /** Numbers that the ledger has given to others, and that MLflow therefore passes over. */
  readonly skipped: readonly string[];
}

/** What a version is about. */
export interface Candidate {
  readonly digest: string;
  readonly publication: Publication;
  /** For people, in MLflow's pages. */
  readonly description: string;
}

/** What became of an attempt to bring MLflow in line with the ledger. */
export type Projected =
  | { readonly kind: 'agrees'; readonly number: string }
  | { readonly kind: 'changed'; readonly number: string; readonly message: string }
  /** `message` says what is wrong and how to repair it. */
  | { readonly kind: 'differs'; readonly message: string };

const LEDGER_TAG = 'sluice.ledger-tag';

/**
 * Gets a number from MLflow for a version that is to be written into the ledger. MLflow counts by itself, so its number
 * is the one that both use; numbers that the ledger has given already are made and deleted, which MLflow never undoes.
 * A number that an interrupted run got for the same bytes is taken up again.
 */
export async function reserve(
  site: Site,
  candidate: Candidate,
  taken: ReadonlySet<string>,
): Promise<Reservation> {
  const [earlier] = await Promise.all([
    versionsOf(site, candidate.digest),
    ensureRegisteredModel(site.api, site.name),
  ]);
  const free = earlier.filter(({ version }) => isFree(version, taken));
  for (const one of free.reverse()) {
    if (await isLoadable(site, one))
      return { version: versionOf(one.version), number: one.version, skipped: [] };
    // Of a run that broke off, and whose model somebody deleted since.
    await deleteVersion(site.api, site.name, one.version);
  }
  const skipped: string[] = [];
  for (;;) {
    const { version } = await create(site, candidate);
    if (isFree(version, taken)) return { version: versionOf(version), number: version, skipped };
    await deleteVersion(site.api, site.name, version);
    skipped.push(version);
  }
}

/** Gives a reservation back that the ledger did not take. */
export async function release({ api, name }: Site, { number }: Reservation): Promise<void> {
  await deleteVersion(api, name, number);
}

/** Notes in MLflow which tag of the ledger a version belongs to. */
export async function confirm(
  { api, name }: Site,
  number: string,
  ledgerTag: string,
  publication: Publication,
): Promise<void> {
  const known = JSON.stringify([{ name, version: number }]);
  await Promise.all([
    tagVersion(api, name, number, { key: LEDGER_TAG, value: ledgerTag }),
    // MLflow's pages show with it which versions a logged model has.
    tagLoggedModel(api, publication.model.info.model_id, [{ key: 'mlflow.modelVersions', value: known }]),
  ]);
}

/** Makes sure that MLflow has a version of the ledger under its number, and makes it when MLflow has lost it. */
export async function restore(site: Site, version: string, candidate: Candidate): Promise<Projected> {
  const number = numberOf(version);
  if (number === undefined) return { kind: 'differs', message: unnumbered(version) };
  const now = await getVersion(site.api, site.name, number);
  if (now !== undefined) {
    const compared = compare(site, now, version, candidate.digest);
    return compared.kind === 'differs' || (await isLoadable(site, now))
      ? compared
      : { kind: 'differs', message: unloadable(site, now, version, candidate) };
  }
  await ensureRegisteredModel(site.api, site.name);
  for (;;) {
    const made = await create(site, candidate);
    if (made.version === number) {
      return {
        kind: 'changed',
        number,
        message: `MLflow had lost ${site.name} version ${number}; it is there again.`,
      };
    }
    await deleteVersion(site.api, site.name, made.version);
    if (Number(made.version) > Number(number)) {
      return {
        kind: 'differs',
        message: `MLflow has no version ${number} of ${site.name} and has counted past it, so ${version} cannot be shown there. Deploy and rollback go on by the ledger; new versions agree again.`,
      };
    }
  }
}

/** Points the alias of an environment at the version that the ledger says is live there. */
export async function moveAlias(
  site: Site,
  environment: string,
  version: string,
  digest: string | undefined,
): Promise<Projected> {
  const { api, name } = site;
  const number = numberOf(version);
  if (number === undefined) return { kind: 'differs', message: unnumbered(version) };
  if (/^(?:latest|v\d+)$/i.test(environment)) {
    return {
      kind: 'differs',
      message: `MLflow reserves the alias '${environment}', so none shows what is live there. Give the environment another name.`,
    };
  }
  const now = await getVersion(api, name, number);
  if (now === undefined) {
    return {
      kind: 'differs',
      message: `MLflow at ${api.connection.uri} has no version ${number} of ${name}, so the alias '${environment}' was not moved. Run register-model for these bytes again, then this step.`,
    };
  }
  const same = compare(site, now, version, digest);
  if (same.kind === 'differs') return same;
  const isThere = (await aliasTarget(api, name, environment)) === number;
  if (!isThere) await setAlias(api, name, environment, number);
  if (!(await isLoadable(site, now))) {
    return {
      kind: 'differs',
      message: `MLflow's alias ${name}@${environment} points at version ${number}, whose logged model was deleted there: what loads it by that name fails. Run register-model for these bytes again; it says what helps.`,
    };
  }
  if (isThere) return same;
  return {
    kind: 'changed',
    number,
    message: `MLflow's alias ${name}@${environment} points at version ${number}.`,
  };
}

function compare(site: Site, now: ModelVersion, version: string, digest: string | undefined): Projected {
  const there = tagOf(now, DIGEST_TAG);
  if (digest === undefined || there === digest) return { kind: 'agrees', number: now.version };
  const what = there === undefined ? 'which Sluice did not register' : `the model sha256:${there}`;
  return {
    kind: 'differs',
    message: `MLflow's version ${now.version} of ${site.name} is another model (${what}) than ${version} of the ledger. Nothing was changed in MLflow; delete that version there if it should not be.`,
  };
}

/** Whether the logged model that a version names is there. */
async function isLoadable({ api }: Site, { source = '' }: ModelVersion): Promise<boolean> {
  const modelId = loggedModelOf(source);
  return modelId === undefined || (await getLoggedModel(api, modelId)) !== undefined;
}

function unloadable(site: Site, now: ModelVersion, version: string, { publication }: Candidate): string {
  return `MLflow's version ${now.version} of ${site.name} names the logged model ${now.source ?? ''}, which was deleted there, and a version in MLflow never names another one. The bytes are in models:/${publication.model.info.model_id} now, and deploy and rollback find them. To have them as a version that MLflow can load, take ${version} out of use (docs/ledger.md#retire-a-version) and run this step again.`;
}

function unnumbered(version: string): string {
  return `MLflow counts 1, 2, 3, so it has no place for ${version}, which is no vN.0.0. Nothing was changed in MLflow.`;
}

function create(site: Site, { digest, publication, description }: Candidate): Promise<ModelVersion> {
  const key = { key: 'sluice.attempt', value: randomUUID() };
  const wish = {
    name: site.name,
    modelId: publication.model.info.model_id,
    runId: publication.run.info.run_id,
    tags: [{ key: DIGEST_TAG, value: digest }],
    description,
  };
  return createVersion(site.api, wish, key, site.signal);
}

function versionsOf({ api, name }: Site, digest: string): Promise<ModelVersion[]> {
  return findVersions(api, name, { key: DIGEST_TAG, value: digest });
}
