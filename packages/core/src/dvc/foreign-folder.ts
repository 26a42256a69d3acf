import * as path from 'node:path';
import { UserError } from '../action/errors.ts';
import { isInside, nameWithin, realTarget } from '../action/paths.ts';

/*
 * Whoever sends a pull request writes `.dvc/config` and may commit links: folders outside of the checkout are read and written
 * because the workflow names them, never because a file of the repository does.
 */

type Environment = Readonly<NodeJS.ProcessEnv>;

/** Throws `bad-config` for a cache outside of the checkout: wrong bytes in it are removed, and new ones written. `config` names it. */
export async function refuseForeignCache(
  cache: string,
  {
    workspace,
    config,
    env,
  }: { readonly workspace: string; readonly config: string; readonly env: Environment },
): Promise<void> {
  if (await isBelowOne(cache, [workspace, ...listed(env['SLUICE_DVC_CACHE'])])) return;
  throw new UserError(
    'bad-config',
    `The cache of DVC (cache.dir in ${nameWithin(workspace, config)}) is ${cache}, which leaves the checkout; data there would be removed and written because a file of the repository says so. Keep it in the checkout, or set SLUICE_DVC_CACHE to that folder in the env of the step, for a cache that jobs of this runner share.`,
  );
}

/**
 * Throws `bad-config` for a place outside of the checkout that data would be read from; a relative one is below the project's
 * `root`. `what` names it in the message.
 */
export async function refuseForeignSource(
  what: string,
  place: string,
  { root, workspace, env }: { readonly root: string; readonly workspace: string; readonly env: Environment },
): Promise<void> {
  const folder = folderOf(place);
  if (folder === undefined) return;
  const absolute = path.resolve(root, folder);
  if (await isBelowOne(absolute, [workspace, ...listed(env['SLUICE_DVC_REMOTES'])])) return;
  throw new UserError(
    'bad-config',
    `${what} is ${absolute}, which leaves the checkout; data of others on this runner would be read because a file of the repository says so. If the job may read it, set SLUICE_DVC_REMOTES to that folder in the env of the step (several: one a line).`,
  );
}

/** The folder that an address means, a path or what DVC takes for one; undefined for a server. */
function folderOf(place: string): string | undefined {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(place) ?? [];
  if (scheme === undefined) return place;
  return /^(?:file|local)$/i.test(scheme) ? `/${rest?.replace(/^(?:localhost)?\/+/, '') ?? ''}` : undefined;
}

async function isBelowOne(place: string, roots: readonly string[]): Promise<boolean> {
  const [real = place, ...allowed] = await Promise.all([place, ...roots].map((one) => realTarget(one)));
  return allowed.some((root) => isInside(real, root));
}

function listed(text = ''): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => path.isAbsolute(line));
}
