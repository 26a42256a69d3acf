import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../../action/errors.ts';
import type { Log } from '../../action/log.ts';
import { digestKept, digestModel, keptPath, type ModelDigest } from '../../digest/model.ts';
import { UnusableModelError } from '../../digest/unusable.ts';
import type { Companion, CompanionId, Store, StoreContext } from '../store.ts';
import { companionName, largestCompanion, modelDigestHex } from '../description.ts';
import { downloadFile } from '../../mlflow/download.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { findPublication, publish, runPlaces } from './publication.ts';
import type { Place } from '../../mlflow/place.ts';
import { COMPANIONS, entryName, readEntry, type PublishedEntry } from './entry.ts';
import { filesOfLoggedModel } from '../../mlflow/listing.ts';
import { companionPath, uploadCompanions } from './upload.ts';

const DOWNLOADS_AT_ONCE = 4;
const MODEL = 'model';

/** A model that is wholly in MLflow. */
interface Found {
  readonly publication: Publication;
  readonly entry: PublishedEntry;
}

/**
 * A store in MLflow: the model's files are the artifacts of a logged model, what lies beside them the artifacts of its run.
 * `additions` are put beside the model's files, where MLflow's own loader looks for them, and are no part of the model.
 * `has` compares names and sizes; every byte that is fetched is verified.
 */
export function mlflowStore(
  site: Site,
  context: StoreContext,
  additions: ReadonlyMap<string, Companion> = new Map(),
): Store {
  const found = (model: string, digest: string): Promise<Found | undefined> => lookUp(site, model, digest);
  return {
    uri: 'mlflow:',
    async has(model, digest) {
      const there = await found(model, digest);
      return there !== undefined && (await isWhole(site, there, digest));
    },
    async put(model, digest, modelPath, companions) {
      for (const name of companions.keys()) companionName(name);
      const source = await digestModel(modelPath);
      if (source.sha256 !== digest)
        throw changed(
          `The model ${modelPath} changed while it was stored`,
          digest,
          source.sha256,
          'train and register the model again',
        );
      for (const file of source.files) requireName(file.path);
      const material = { model, digest, modelPath, files: source.files, additions, companions };
      const { publication, created } = await publish(site, material, context.log);
      if (!created) await uploadCompanions(site, publication.runPlace, companions);
      return { uri: `models:/${publication.model.info.model_id}`, created };
    },
    async fetch(model, digest, destination) {
      const there = await found(model, digest);
      if (there === undefined) throw missing(site, model, digest);
      return fetchModel(site, there, { digest, destination, log: context.log });
    },
    companion: (model, digest, wanted) => findCompanion(site, { model, digest }, wanted),
    unnamed: async (model, digest) => (await found(model, digest))?.entry.companions ?? [],
  };
}

/** A companion may lie with any run of the bytes: of several puts at once each has its own. */
async function findCompanion(
  site: Site,
  { model, digest }: { readonly model: string; readonly digest: string },
  { name, sha256 }: CompanionId,
): Promise<string | undefined> {
  const plain = companionName(name);
  const to = path.join(await mkdtemp(path.join(os.tmpdir(), 'sluice-mlflow-')), plain);
  const from = async (place: Place, artifact: string): Promise<string | undefined> => {
    const wanted = { name: artifact, to, size: { most: largestCompanion(plain) }, signal: site.signal };
    return (await downloadFile(site.api, place, wanted))?.file;
  };
  if (sha256 !== undefined) {
    const artifact = companionPath({ name: plain, sha256: modelDigestHex(sha256) });
    const first = (await findPublication(site, model, digest))?.runPlace;
    const file = first && (await from(first, artifact));
    if (file !== undefined) return file;
    for (const place of await runPlaces(site, model, digest)) {
      const elsewhere = await from(place, artifact);
      if (elsewhere !== undefined) return elsewhere;
    }
  }
  const there = await lookUp(site, model, digest);
  return there?.entry.companions.includes(plain) === true
    ? from(there.publication.runPlace, `${COMPANIONS}${plain}`)
    : undefined;
}

/** MLflow's server refuses these as unsafe or does not find its way to them. */
function requireName(name: string): void {
  if (!/[#\r\n]/.test(name)) return;
  throw new UserError(
    'bad-input',
    `MLflow takes no file whose name has a # or a line break, as ${JSON.stringify(name)} has. Rename it, or choose another store.`,
  );
}

async function lookUp(site: Site, model: string, digest: string): Promise<Found | undefined> {
  const publication = await findPublication(site, model, digest);
  if (publication?.complete !== true) return undefined;
  const entry = await readEntry(site, publication, digest);
  return entry && { publication, entry };
}

/** Whether MLflow lists every file of a model. Throws `evidence-mismatch` for one of another size. */
async function isWhole({ api }: Site, { publication, entry }: Found, digest: string): Promise<boolean> {
  const { model_id: id } = publication.model.info;
  const present = await filesOfLoggedModel(api, id);
  for (const { path: file, bytes } of entry.files) {
    const name = `${entry.prefix}${file}`;
    const size = present.get(name);
    if (size === undefined) return false;
    if (size !== bytes)
      throw changed(
        `The artifact ${name} of ${id} in MLflow was changed`,
        digest,
        `none (${size} bytes, not ${bytes})`,
      );
  }
  return true;
}

async function fetchModel(
  { api, signal }: Site,
  { publication, entry }: Found,
  { digest, destination, log }: { readonly digest: string; readonly destination: string; readonly log: Log },
): Promise<{ modelPath: string }> {
  const target = path.join(destination, MODEL);
  const bytes = entry.files.reduce((sum, file) => sum + file.bytes, 0);
  const what = `Fetching sha256:${digest.slice(0, 12)} from MLflow`;
  const progress = trackProgress({ log, what, bytes });
  try {
    await inParallel(entry.files, DOWNLOADS_AT_ONCE, async ({ path: file, bytes }) => {
      signal?.throwIfAborted();
      const name = `${entry.prefix}${file}`;
      const to = path.join(target, file);
      if (
        (await downloadFile(api, publication.modelPlace, { name, to, size: { bytes }, progress, signal })) !==
        undefined
      )
        return;
      throw changed(`MLflow has lost ${name} of ${publication.model.info.model_id}`, digest, 'none');
    });
    const fetched = await verify(target, digest, entry, publication);
    progress.done();
    return { modelPath: keptPath(target, fetched) };
  } catch (error) {
    await rm(target, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
}

async function verify(
  target: string,
  digest: string,
  entry: PublishedEntry,
  { model }: Publication,
): Promise<ModelDigest> {
  const actual = await digestKept(target, digest).catch((error: unknown) => {
    if (error instanceof UnusableModelError) throw changed(error.message, digest, 'none');
    throw error;
  });
  if (actual.sha256 === digest) return actual;
  const known = new Map(entry.files.map((file) => [file.path, file.sha256]));
  const different = actual.files.find((file) => known.get(file.path) !== file.sha256)?.path ?? entryName;
  throw changed(
    `The artifact ${different} of ${model.info.model_id} in MLflow was changed`,
    digest,
    actual.sha256,
  );
}

function changed(
  what: string,
  expected: string,
  actual: string,
  remedy = 'delete the logged model in MLflow, and register the model again',
): UserError {
  return new UserError(
    'evidence-mismatch',
    `${what}: the model's digest is sha256:${actual}, but sha256:${expected} is expected. Do not use these bytes; ${remedy}.`,
    { decision: 'fail' },
  );
}

function missing({ api, name }: Site, model: string, digest: string): UserError {
  return new UserError(
    'missing-file',
    `MLflow at ${api.connection.uri} has no model ${model} sha256:${digest} (looked for versions of '${name}' and runs with that digest). Was it deleted? Register the model again.`,
  );
}
