import type { ResultCache } from './cache.ts';
import type { CachePlace } from './cache-place.ts';
import type { TrainSettings, TrainContext } from './inputs.ts';

/**
 * The cache service of the runner where it has one, whose scopes keep what a fork wrote from other branches. A folder is
 * open to every job of its machine: on a runner the team has to name one, on a person's machine it is theirs.
 */
export async function findCachePlace(env: Readonly<NodeJS.ProcessEnv>): Promise<CachePlace> {
  const { isFeatureAvailable } = await import('@actions/cache');
  if (isFeatureAvailable()) return { kind: 'service' };
  const { localCacheRoot } = await import('./cache-local.ts');
  const root = localCacheRoot(env);
  if (root !== undefined) return { kind: 'folder', root };
  return {
    kind: 'none',
    why: "this runner has no cache service, and a folder on it is open to all of its jobs, those of forks too. Set SLUICE_TRAIN_CACHE in the runner's environment to a folder that trusted jobs alone can write.",
  };
}

/** Opens the cache at its place. */
export async function openCache(
  place: Exclude<CachePlace, { kind: 'none' }>,
  settings: TrainSettings,
  context: TrainContext,
): Promise<ResultCache> {
  if (place.kind === 'folder') {
    const { LocalCache } = await import('./cache-local.ts');
    return new LocalCache(place.root, settings.model);
  }
  const { ServiceCache } = await import('./cache-service.ts');
  return new ServiceCache(await import('@actions/cache'), settings.model, context);
}
