import type { ResultCache } from './cache.ts';
import type { TrainSettings, TrainContext } from './inputs.ts';

/** The cache service of the runner where it has one, else a folder on this machine. */
export async function openCache(settings: TrainSettings, context: TrainContext): Promise<ResultCache> {
  const service = await import('@actions/cache');
  if (service.isFeatureAvailable()) {
    const { ServiceCache } = await import('./cache-service.ts');
    return new ServiceCache(service, settings.model, context);
  }
  const { LocalCache, localCacheRoot } = await import('./cache-local.ts');
  return new LocalCache(localCacheRoot(context.env), settings.model);
}
