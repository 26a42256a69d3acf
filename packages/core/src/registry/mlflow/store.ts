import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError, errorMessage } from '../../action/errors.ts';
import type { Log } from '../../action/log.ts';
import { NotAPlainFileError } from '../../digest/files.ts';
import { digestModel } from '../../digest/model.ts';
import type { Companion, Store, StoreContext } from '../../store/store.ts';
import { downloadFile } from './artifacts.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import {
  COMPANIONS,
  entryName,
  entrySchema,
  findPublication,
  publish,
  type Publication,
  type PublishedEntry,
  type Site,
} from './publication.ts';

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
      const source = await digestModel(modelPath);
      if (source.sha256 !== digest)
        throw changed(`The model ${modelPath} changed while it was stored`, digest, source.sha256);
      const material = { model, digest, modelPath, files: source.files, additions, companions };
      const { publication, created } = await publish(site, material, context.log);
      return { uri: `models:/${publication.model.info.model_id}`, created };
    },
    async fetch(model, digest, destination) {
      const there = await found(model, digest);
      if (there === undefined) throw missing(site, model, digest);
      return fetchModel(site, there, { digest, destination, log: context.log });
    },
    async companion(model, digest, name) {
      const there = await found(model, digest);
      if (there?.entry.companions.includes(name) !== true) return undefined;
      const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-mlflow-'));
      const file = path.join(folder, path.basename(name));
      return (await downloadFile(api, there.publication.runPlace, `${COMPANIONS}${name}`, file))?.file;
    },
    companions: async (model, digest) => (await found(model, digest))?.entry.companions ?? [],
  };
}

async function lookUp(site: Site, model: string, digest: string): Promise<Found | undefined> {
  const publication = await findPublication(site, model, digest);
  if (publication?.complete !== true) return undefined;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-mlflow-'));
  try {
    const file = await downloadFile(
      site.api,
      publication.runPlace,
      entryName,
      path.join(folder, 'entry.json'),
    );
    if (file === undefined) return undefined;
    return { publication, entry: parseEntry(await readFile(file.file, 'utf8'), publication) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function parseEntry(text: string, { run }: Publication): PublishedEntry {
  try {
    const entry = z.parse(entrySchema, JSON.parse(text));
    for (const file of entry.files) requireInside(file.path);
    return entry;
  } catch (error) {
    throw new UserError(
      'evidence-mismatch',
      `${entryName} of MLflow's run ${run.info.run_id} is damaged: ${errorMessage(error)}. Delete that run in MLflow and register the model again.`,
      { cause: error, decision: 'fail' },
    );
  }
}

/** A name from a server must not lead out of the folder that it is written to. */
function requireInside(name: string): void {
  const normal = path.posix.normalize(name);
  if (
    normal !== name ||
    normal.startsWith('../') ||
    normal === '..' ||
    path.isAbsolute(name) ||
    name.includes('\\')
  )
    throw new Error(`'${name}' is no name of a file inside a model`);
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
  await inParallel(entry.files, DOWNLOADS_AT_ONCE, async (file) => {
    signal?.throwIfAborted();
    const name = `${entry.prefix}${file.path}`;
    const done = await downloadFile(api, publication.modelPlace, name, path.join(target, file.path));
    if (done === undefined)
      throw changed(`MLflow has lost ${name} of ${publication.model.info.model_id}`, digest, 'none');
    progress.add(file.bytes);
  });
  progress.done();
  await verify(target, digest, entry, publication);
  return { modelPath: entry.kind === 'file' ? path.join(target, entry.files[0]?.path ?? '') : target };
}

async function verify(
  target: string,
  digest: string,
  entry: PublishedEntry,
  { model }: Publication,
): Promise<void> {
  const actual = await digestModel(target).catch((error: unknown) => {
    if (error instanceof NotAPlainFileError) throw changed(error.message, digest, 'none');
    throw error;
  });
  if (actual.sha256 === digest) return;
  const known = new Map(entry.files.map((file) => [file.path, file.sha256]));
  const different = actual.files.find((file) => known.get(file.path) !== file.sha256)?.path ?? entryName;
  await rm(target, { recursive: true, force: true });
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
