import * as path from 'node:path';
import { UserError } from '@sluice/core/action/errors.ts';
import { directoryStore } from '@sluice/core/store/directory/store.ts';
import type { Store, StoreKind, StoreStep } from '@sluice/core/store/store.ts';

/** `temp:` and a name: a folder of the runner that lives as long as the job, to try a workflow out. */
export const tempKind = {
  example: 'temp:name',
  words: "a folder that lives as long as the runner's job",
  open: openTemp,
} as const satisfies Omit<StoreKind, 'example'> & { readonly example: string };

function openTemp(uri: string, step: StoreStep): Store {
  const [, name] = /^temp:([a-z0-9-]+)$/.exec(uri) ?? [];
  const folder = step.env?.['RUNNER_TEMP'];
  if (name === undefined || folder === undefined) {
    throw new UserError(
      'bad-config',
      `The store is '${uri}'. Write temp:name, of small letters, digits and hyphens, in a job of a runner.`,
    );
  }
  return directoryStore(path.join(folder, 'models', name), step);
}
