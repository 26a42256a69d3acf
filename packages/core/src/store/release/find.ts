import { mkdtemp, readFile, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { LARGEST_DESCRIPTION } from '../description.ts';
import { assetsOf, downloadAsset, isWhole, releaseSchema, type Asset, type GitHubRelease } from './assets.ts';
import { ReleaseRefusal } from './client.ts';
import { changed } from './changed.ts';
import { damagedEntry, parseEntry, type Entry, type Held } from './entry.ts';
import { DESCRIPTION_ASSET, type Place } from './place.ts';

/** A model that is wholly in a release. */
export interface Found {
  readonly entry: Entry;
  /** The assets that the entry names; each is there with the size and the digest that it says. */
  readonly asset: (held: Held) => Asset | undefined;
  /** An asset by its name, whether the entry names it or a later registration put it there. */
  readonly named: (name: string) => Asset | undefined;
}

/** The published release of a place, undefined without one. Drafts are not found this way. */
export async function publishedRelease({ client, tag }: Place): Promise<GitHubRelease | undefined> {
  const url = `${client.base}/releases/tags/${encodeURIComponent(tag)}`;
  try {
    return await client.ask({ method: 'GET', url, headers: {} }, releaseSchema);
  } catch (error) {
    if (error instanceof ReleaseRefusal && error.status === 404) return undefined;
    throw error;
  }
}

/** The model of a place, undefined when there is none. Throws `evidence-mismatch` when its release was changed. */
export async function find(place: Place): Promise<Found | undefined> {
  const release = await publishedRelease(place);
  if (release === undefined) return undefined;
  const assets = await assetsOf(place.client, release);
  const entry = await readEntry(place, release, assets);
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  const asset = (held: Held): Asset | undefined => byId.get(held.asset ?? -1);
  requireAssets(place, entry, asset);
  const named = (name: string): Asset | undefined =>
    assets.find((one) => one.name === name && one.state === 'uploaded');
  return { entry, asset, named };
}

async function readEntry(
  { client, digest, signal }: Place,
  { html_url: page }: GitHubRelease,
  assets: readonly Asset[],
): Promise<Entry> {
  const where = `${DESCRIPTION_ASSET} of ${page}`;
  const asset = assets.find(({ name, state }) => name === DESCRIPTION_ASSET && state === 'uploaded');
  if (asset === undefined) throw damagedEntry(where, 'it is not there');
  if (asset.size > LARGEST_DESCRIPTION) throw damagedEntry(where, `it has ${asset.size} bytes`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-release-'));
  try {
    const file = path.join(folder, DESCRIPTION_ASSET);
    await downloadAsset(client, asset, file, { signal });
    return parseEntry(await readFile(file, 'utf8'), digest, where);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What GitHub itself says of the files tells most changes without a byte being fetched. */
function requireAssets(place: Place, { files, packs, companions }: Entry, asset: Found['asset']): void {
  let at = 0;
  for (const pack of packs) {
    const first = files[at]?.path ?? '';
    at += pack.files;
    requireAsset(place, first, pack, asset(pack));
  }
  for (const [name, held] of Object.entries(companions)) requireAsset(place, name, held, asset(held));
}

function requireAsset(place: Place, name: string, held: Held, asset: Asset | undefined): void {
  if (held.asset === undefined || (asset !== undefined && isWhole(asset, held.bytes, held.sha256))) return;
  const what = asset === undefined ? 'is gone from' : 'was changed in';
  throw changed(
    `The asset with ${name} ${what} the release ${place.tag}`,
    held.sha256,
    asset?.digest ?? 'none',
  );
}
