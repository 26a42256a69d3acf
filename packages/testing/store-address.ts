import { siteOpener } from '@sluice/core/mlflow/site.ts';
import { openStore } from '@sluice/core/store/index.ts';
import type { Store, StoreContext } from '@sluice/core/store/store.ts';

/** Where a store is, as sluice.yaml and the environment of a step say it. */
export interface StoreAddress {
  readonly uri: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** Opens a store as a step does. SLUICE_TEST_NAME names the experiment and the registered model in MLflow. */
export function openAt({ uri, env }: StoreAddress, context: StoreContext): Store {
  const name = env['SLUICE_TEST_NAME'] ?? 'test';
  const site = siteOpener({ trackingUri: undefined, experiment: name, name }, env, context.signal);
  return openStore(uri, { base: '/', env, ...context, token: env['GITHUB_TOKEN'] ?? '', site });
}
