import { mkdtemp, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256File } from '../../digest/files.ts';
import { companionName, modelDigestHex, requireCompanionSize } from '../description.ts';
import type { CompanionId, Store, StoreContext } from '../store.ts';
import { EMPTY_SHA256, downloadAsset, type Asset } from './assets.ts';
import { changed } from './changed.ts';
import { openReleases, type ReleaseAccess } from './client.ts';
import { fetchModel } from './fetch.ts';
import { find } from './find.ts';
import { companionAsset, explained, placeOf, type Place } from './place.ts';
import { put } from './put.ts';

/**
 * A store in the releases of a repository on GitHub, one release a model. `has` compares what GitHub itself says of the
 * files; every byte that is fetched is verified.
 */
export function releaseStore(access: ReleaseAccess, context: StoreContext): Store {
  const { repository } = access;
  const client = openReleases(access, context.signal);
  const lasting = openReleases(access, undefined);
  const at = (model: string, digest: string): Place => placeOf(client, context, model, digest);
  return {
    uri: `release:${repository}`,
    has: (model, digest) =>
      explained(client, 'read', async () => (await find(at(model, digest))) !== undefined),
    put: (model, digest, modelPath, companions) =>
      explained(client, 'write', () => put(at(model, digest), { modelPath, companions, lasting })),
    fetch: (model, digest, destination) =>
      explained(client, 'read', () => fetchModel(at(model, digest), destination)),
    companion: (model, digest, wanted) =>
      explained(client, 'read', () => companion(at(model, digest), wanted)),
    unnamed: (model, digest) =>
      explained(client, 'read', async () =>
        Object.keys((await find(at(model, digest)))?.entry.companions ?? {}).sort(),
      ),
  };
}

async function companion(place: Place, { name: given, sha256 }: CompanionId): Promise<string | undefined> {
  const name = companionName(given);
  const found = await find(place);
  const listed = new Map(Object.entries(found?.entry.companions ?? {})).get(name);
  if (found === undefined) return undefined;
  if (listed !== undefined && (sha256 === undefined || listed.sha256 === sha256))
    return download(place, name, listed.sha256, found.asset(listed));
  if (sha256 === undefined) return undefined;
  const added = found.named(companionAsset({ name, sha256: modelDigestHex(sha256) }));
  return added === undefined && sha256 !== EMPTY_SHA256 ? undefined : download(place, name, sha256, added);
}

/** Without bytes there is no asset. */
async function download(
  place: Place,
  name: string,
  sha256: string,
  asset: Asset | undefined,
): Promise<string> {
  requireCompanionSize(name, asset?.size ?? 0, `The file ${name} in the release ${place.tag}`);
  const file = path.join(await mkdtemp(path.join(os.tmpdir(), 'sluice-release-')), name);
  if (asset === undefined) await writeFile(file, '');
  else await downloadAsset(place.client, asset, file, { signal: place.signal });
  const actual = await sha256File(file);
  if (actual !== sha256)
    throw changed(`The file ${name} in the release ${place.tag} was changed`, sha256, actual);
  return file;
}
