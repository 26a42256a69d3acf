import { mkdtemp, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256File } from '../../digest/files.ts';
import { companionName } from '../description.ts';
import type { Store, StoreContext } from '../store.ts';
import { downloadAsset } from './assets.ts';
import { changed } from './changed.ts';
import { openReleases, type ReleaseAccess } from './client.ts';
import { fetchModel } from './fetch.ts';
import { find } from './find.ts';
import { explained, placeOf, type Place } from './place.ts';
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
    companion: (model, digest, name) =>
      explained(client, 'read', () => companion(at(model, digest), companionName(name))),
    companions: (model, digest) =>
      explained(client, 'read', async () =>
        Object.keys((await find(at(model, digest)))?.entry.companions ?? {}).sort(),
      ),
  };
}

async function companion(place: Place, name: string): Promise<string | undefined> {
  const found = await find(place);
  const held = new Map(Object.entries(found?.entry.companions ?? {})).get(name);
  if (found === undefined || held === undefined) return undefined;
  const file = path.join(await mkdtemp(path.join(os.tmpdir(), 'sluice-release-')), name);
  const asset = found.asset(held);
  if (asset === undefined) await writeFile(file, '');
  else await downloadAsset(place.client, asset, file, { signal: place.signal });
  const actual = await sha256File(file);
  if (actual !== held.sha256)
    throw changed(`The file ${name} in the release ${place.tag} was changed`, held.sha256, actual);
  return file;
}
