import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError, errorMessage } from '../../action/errors.ts';
import type { Log } from '../../action/log.ts';
import { digestKept, digestModel, keptPath, type ModelDigest } from '../../digest/model.ts';
import { UnusableModelError } from '../../digest/unusable.ts';
import type { Companion, Store, StoreContext } from '../store.ts';
import {
  LARGEST_COMPANION,
  LARGEST_DESCRIPTION,
  companionName,
  damaged,
  modelDigestHex,
  requireDescribed,
} from '../description.ts';
import { downloadFile } from '../../mlflow/download.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { findPublication, publish } from './publication.ts';
import {
  COMPANIONS,
  companionPath,
  entryName,
  entrySchema,
  uploadCompanions,
  type PublishedEntry,
} from './upload.ts';

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
 * `has` compares nothing but names; every byte that is fetched is verified.
 */
export function mlflowStore(
  site: Site,
  context: StoreContext,
  additions: ReadonlyMap<string, Companion> = new Map(),
): Store {
  const { api } = site;
  const found = (model: string, digest: string): Promise<Found | undefined> => lookUp(site, model, digest);
  return {
    uri: 'mlflow:',
    has: async (model, digest) => (await found(model, digest)) !== undefined,
    async put(model, digest, modelPath, companions) {
      for (const name of companions.keys()) companionName(name);
      const source = await digestModel(modelPath);
      if (source.sha256 !== digest)
        throw changed(`The model ${modelPath} changed while it was stored`, digest, source.sha256);
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
    async companion(model, digest, { name, sha256 }) {
      const there = await found(model, digest);
      if (there === undefined) return undefined;
      const plain = companionName(name);
      const places = [
        ...(sha256 === undefined ? [] : [companionPath({ name: plain, sha256: modelDigestHex(sha256) })]),
        ...(there.entry.companions.includes(plain) ? [`${COMPANIONS}${plain}`] : []),
      ];
      const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-mlflow-'));
      const size = { most: LARGEST_COMPANION };
      for (const place of places) {
        const wanted = { name: place, to: path.join(folder, plain), size, signal: site.signal };
        const done = await downloadFile(api, there.publication.runPlace, wanted);
        if (done !== undefined) return done.file;
      }
      return undefined;
    },
    unnamed: async (model, digest) => (await found(model, digest))?.entry.companions ?? [],
  };
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
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-mlflow-'));
  try {
    const size = { most: LARGEST_DESCRIPTION };
    const wanted = { name: entryName, to: path.join(folder, 'entry.json'), size, signal: site.signal };
    const file = await downloadFile(site.api, publication.runPlace, wanted);
    if (file === undefined) return undefined;
    return { publication, entry: parseEntry(await readFile(file.file, 'utf8'), digest, publication) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseEntry(text: string, digest: string, { run }: Publication): PublishedEntry {
  const where = `${entryName} of MLflow's run ${run.info.run_id}`;
  const remedy = 'Delete that run in MLflow and register the model again.';
  let entry: PublishedEntry;
  try {
    entry = z.parse(entrySchema, JSON.parse(text));
  } catch (error) {
    throw damaged(where, errorMessage(error), remedy, error);
  }
  requireDescribed(entry, digest, where, remedy);
  return entry;
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

function changed(what: string, expected: string, actual: string): UserError {
  return new UserError(
    'evidence-mismatch',
    `${what}: the model's digest is sha256:${actual}, but sha256:${expected} is expected. Do not use these bytes; train and register the model again.`,
    { decision: 'fail' },
  );
}

function missing({ api, name }: Site, model: string, digest: string): UserError {
  return new UserError(
    'missing-file',
    `MLflow at ${api.connection.uri} has no model ${model} sha256:${digest} (looked for versions of '${name}' and runs with that digest). Was it deleted? Register the model again.`,
  );
}
