import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError } from '../../action/errors.ts';
import { sha256File } from '../../digest/files.ts';
import { digestModel, listModel, type ModelDigest } from '../../digest/model.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { formatBytes, trackProgress } from '../../transfer/progress.ts';
import { identified, type Identified } from '../companions.ts';
import type { Companion, PutResult } from '../store.ts';
import { EMPTY_SHA256, assetsOf, isWhole, releaseSchema, uploadAsset, type GitHubRelease } from './assets.ts';
import { sourceOf, sourceOfFiles, type Source } from './bytes.ts';
import { changed } from './changed.ts';
import { ReleaseRefusal, ReleaseUnavailable, type ReleaseClient } from './client.ts';
import type { Entry, Held } from './entry.ts';
import { find, publishedRelease } from './find.ts';
import { LARGEST_ASSET, MOST_PACKS, packFiles, type Pack } from './packing.ts';
import { DESCRIPTION_ASSET, companionAsset, packNames, uriOf, type Place } from './place.ts';

/** GitHub asks for few requests at once that make something. */
const AT_ONCE = 3;

/** A model to store. */
interface Material {
  readonly modelPath: string;
  readonly companions: ReadonlyMap<string, Companion>;
  /** For what has to be undone after a cancellation. */
  readonly lasting: ReleaseClient;
}

/**
 * Uploads a model to a draft, which nobody counts, and publishes that when all of it is there: its tag can be given to
 * one release alone, so of several writers one wins. `entry.json` is uploaded last.
 */
export async function put(place: Place, { modelPath, companions, lasting }: Material): Promise<PutResult> {
  const beside = await identified(companions);
  const uri = uriOf(place);
  if ((await find(place)) !== undefined) {
    await addCompanions(place, beside);
    return { uri, created: false };
  }
  await requireSizes(modelPath);
  const source = await digestModel(modelPath);
  if (source.sha256 !== place.digest)
    throw changed(`The model ${modelPath} changed while it was stored`, place.digest, source.sha256);
  const packs = requirePacks(source);
  await removeDeadDrafts(place);
  const draft = await createDraft(place);
  try {
    await fill(place, draft, { modelPath, beside, packs });
    const created = await publish(place, draft);
    if (!created) {
      await remove(lasting, draft);
      await addCompanions(place, beside);
    }
    return { uri, created };
  } catch (error) {
    // What nobody counts is no harm, and the error that led here says more than one about it.
    await remove(lasting, draft).catch(() => undefined);
    throw error;
  }
}

const INSTEAD = 'Choose a store without that limit: s3://bucket/prefix, dir:/path or mlflow:.';

/** Before anything is read or sent. */
async function requireSizes(modelPath: string): Promise<void> {
  const { base, paths } = await listModel(modelPath);
  await inParallel(paths, AT_ONCE, async (name) => {
    const { size } = await lstat(path.join(base, name));
    if (size <= LARGEST_ASSET) return;
    throw new UserError(
      'bad-input',
      `The model's file ${JSON.stringify(name)} has ${formatBytes(size)} (${size} bytes), and GitHub takes files of a release below 2 GiB (${LARGEST_ASSET} bytes at most). Nothing was sent. ${INSTEAD}`,
    );
  });
}

function requirePacks({ files, bytes }: ModelDigest): readonly Pack[] {
  const packs = packFiles(files);
  if (packs !== undefined) return packs;
  throw new UserError(
    'bad-input',
    `The model has ${files.length} files with ${formatBytes(bytes)}, which do not fit into ${MOST_PACKS} files of a release below 2 GiB each. Nothing was sent. ${INSTEAD}`,
  );
}

async function createDraft({ client, model, digest, tag }: Place): Promise<GitHubRelease> {
  const body = JSON.stringify({
    tag_name: tag,
    name: `${model} sha256:${digest.slice(0, 12)}`,
    body: `The bytes of the model \`${model}\` with the digest sha256:${digest}, kept here by Sluice. Versions name this release in their tag; do not change it.`,
    draft: true,
    prerelease: true,
    make_latest: 'false',
  });
  const headers = { 'content-type': 'application/json' };
  // A draft that was made although its answer was lost is removed as a dead one later.
  return client.ask({ method: 'POST', url: `${client.base}/releases`, headers, body }, releaseSchema);
}

async function fill(
  place: Place,
  draft: GitHubRelease,
  {
    modelPath,
    beside,
    packs,
  }: Pick<Material, 'modelPath'> & {
    readonly beside: readonly Identified[];
    readonly packs: readonly Pack[];
  },
): Promise<void> {
  const { client, model, digest, log } = place;
  const kind = (await lstat(modelPath)).isDirectory() ? 'folder' : 'file';
  const base = kind === 'folder' ? modelPath : path.dirname(modelPath);
  const bytes = packs.reduce((sum, pack) => sum + pack.bytes, 0);
  const what = `Uploading ${model} sha256:${digest.slice(0, 12)} to a release of ${client.repository}`;
  const progress = trackProgress({ log, what, bytes });
  const hold = async (name: string, source: Source): Promise<Held> => {
    place.signal?.throwIfAborted();
    if (source.bytes === 0) return { bytes: 0, sha256: EMPTY_SHA256 };
    const { asset, sha256 } = await uploadAsset(client, draft, name, source);
    return { asset: asset.id, bytes: source.bytes, sha256 };
  };
  const names = packNames(packs);
  const held = await inParallel([...packs.entries()], AT_ONCE, async ([index, { files }]) => ({
    ...(await hold(names[index] as string, sourceOfFiles(base, files, progress))),
    files: files.length,
  }));
  const companions: Record<string, Held> = {};
  for (const one of beside)
    companions[one.name] = await hold(companionAsset(one), await companionSource(one.content));
  const entry: Entry = { kind, files: packs.flatMap((pack) => pack.files), packs: held, companions };
  await hold(DESCRIPTION_ASSET, sourceOf(Buffer.from(`${JSON.stringify(entry)}\n`)));
  progress.done();
}

/** Puts what is not there yet beside a model that is. */
async function addCompanions(place: Place, beside: readonly Identified[]): Promise<void> {
  const { client } = place;
  const release = await publishedRelease(place);
  if (release === undefined)
    throw new ReleaseUnavailable(`the release ${place.tag} was there and is not any more`);
  const assets = await assetsOf(client, release);
  for (const one of beside) {
    place.signal?.throwIfAborted();
    const source = await companionSource(one.content);
    const name = companionAsset(one);
    const there = assets.some((asset) => asset.name === name && isWhole(asset, source.bytes, one.sha256));
    if (there || source.bytes === 0) continue;
    await uploadAsset(client, release, name, source).catch((error: unknown) => {
      if (!(error instanceof ReleaseRefusal) || error.status !== 422) throw error;
      throw new UserError(
        'service-unavailable',
        `The release ${place.tag} has these bytes and takes no ${one.name} of this run: ${error.message}. Where the repository makes releases immutable, nothing can be added to one: turn that off (Settings, General, Releases), or choose another store, such as s3://bucket/prefix.`,
        { cause: error },
      );
    });
  }
}

async function companionSource(companion: Companion): Promise<Source> {
  if ('text' in companion) return sourceOf(Buffer.from(companion.text));
  const { size } = await lstat(companion.path);
  const file = { path: path.basename(companion.path), bytes: size, sha256: await sha256File(companion.path) };
  return sourceOfFiles(path.dirname(companion.path), [file]);
}

/** Gives the release its tag. False when another writer has given that to its own. */
async function publish(place: Place, { id }: GitHubRelease): Promise<boolean> {
  const { client, signal } = place;
  signal?.throwIfAborted();
  const call = {
    method: 'PATCH',
    url: `${client.base}/releases/${id}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ draft: false, make_latest: 'false' }),
  };
  try {
    await client.ask(call, releaseSchema);
  } catch (error) {
    if (!(error instanceof ReleaseRefusal) || error.status !== 422) throw error;
    if ((await find(place)) === undefined) throw error;
  }
  const counted = await publishedRelease(place);
  if (counted === undefined)
    throw new ReleaseUnavailable(`the release ${place.tag} was published and is not there`);
  return counted.id === id;
}

const DAY_MS = 24 * 3_600_000;

/** Removes drafts for this model that killed jobs left a day ago or longer, as far as GitHub lists them first. */
async function removeDeadDrafts({ client, tag }: Place): Promise<void> {
  const url = `${client.base}/releases?per_page=100`;
  const releases = await client.ask({ method: 'GET', url, headers: {} }, z.array(releaseSchema));
  const dead = releases.filter(
    (one) => one.draft && one.tag_name === tag && Date.now() - Date.parse(one.created_at) > DAY_MS,
  );
  for (const draft of dead) await remove(client, draft);
}

async function remove(client: ReleaseClient, { id }: GitHubRelease): Promise<void> {
  const call = { method: 'DELETE', url: `${client.base}/releases/${id}`, headers: {} };
  await client.ask(call, z.any()).catch((error: unknown) => {
    if (!(error instanceof ReleaseRefusal) || error.status !== 404) throw error;
  });
}
