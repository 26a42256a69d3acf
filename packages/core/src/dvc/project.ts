import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { LIMITS, readBoundedText } from '../action/limits.ts';
import { UserError, errorCode } from '../action/errors.ts';
import { mergeConfigs, parseDvcConfig, type DvcConfig } from './config.ts';
import { refuseForeignCache } from './foreign-folder.ts';

/** Where `dvc push` puts data. */
export interface Remote {
  readonly name: string;
  /** As configured; a relative path was made absolute. */
  readonly url: string;
  readonly settings: ReadonlyMap<string, string>;
}

/** A checkout that DVC works in. */
export interface DvcProject {
  /** Absolute; the folder that holds `.dvc`. */
  readonly root: string;
  /** Absolute path of the checkout that it belongs to. */
  readonly workspace: string;
  /** Absolute. */
  readonly cache: string;
  readonly remotes: ReadonlyMap<string, Remote>;
  /** Name of the remote that is used where none is named. */
  readonly defaultRemote: string | undefined;
}

/** Finds the DVC project that `folder` is in, not looking above `workspace`; undefined when there is none. */
export async function findProject(folder: string, workspace: string): Promise<DvcProject | undefined> {
  for (let root = folder; ; root = path.dirname(root)) {
    if (await isDirectory(path.join(root, '.dvc'))) return openProject(root, workspace);
    if (root === workspace || path.dirname(root) === root) return undefined;
  }
}

async function openProject(root: string, workspace: string): Promise<DvcProject> {
  const folder = path.join(root, '.dvc');
  const levels = await Promise.all(
    ['config', 'config.local'].map(async (name) => parseDvcConfig(await textOf(path.join(folder, name)))),
  );
  const config = mergeConfigs(levels);
  const cache = path.resolve(folder, config.get('cache')?.get('dir') ?? 'cache');
  await refuseForeignCache(cache, { workspace, config: path.join(folder, 'config'), env: process.env });
  return {
    root,
    workspace,
    cache,
    remotes: remotesOf(config, folder),
    defaultRemote: config.get('core')?.get('remote'),
  };
}

function remotesOf(config: DvcConfig, folder: string): Map<string, Remote> {
  const remotes = new Map<string, Remote>();
  for (const [section, settings] of config) {
    const name = /^remote "(.*)"$/.exec(section)?.[1];
    const url = settings.get('url');
    if (name === undefined || url === undefined) continue;
    remotes.set(name, { name, settings, url: isAddress(url) ? url : path.resolve(folder, url) });
  }
  return new Map([...remotes].map(([name, remote]) => [name, withParent(remote, remotes)]));
}

/** A remote may lie in another one, `remote://<name>/<path>`, and then shares its settings. */
function withParent(remote: Remote, remotes: ReadonlyMap<string, Remote>): Remote {
  const [, name, below] = /^remote:\/\/([^/]+)\/?(.*)$/s.exec(remote.url) ?? [];
  const parent = name === undefined || name === remote.name ? undefined : remotes.get(name);
  if (parent === undefined) return remote;
  return {
    name: remote.name,
    url: `${parent.url.replace(/\/+$/, '')}/${below ?? ''}`,
    settings: new Map([...parent.settings, ...remote.settings]),
  };
}

/** Whether a URL has a scheme; everything else is a path. */
export function isAddress(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
}

/**
 * The remote that holds an entry's bytes; undefined when the project has none. Throws `bad-config` for a name that is
 * not configured.
 */
export function remoteFor(project: DvcProject, named: string | undefined): Remote | undefined {
  const name = named ?? project.defaultRemote;
  if (name === undefined) return undefined;
  const remote = project.remotes.get(name);
  if (remote !== undefined) return remote;
  const known = [...project.remotes.keys()].join(', ') || 'none';
  throw new UserError(
    'bad-config',
    `The DVC remote '${name}' is not configured in .dvc/config or .dvc/config.local; configured: ${known}. Add it with 'dvc remote add ${name} <url>', and commit .dvc/config.`,
  );
}

async function isDirectory(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined))?.isDirectory() ?? false;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readBoundedText(file, { name: file, reason: 'bad-config', limit: LIMITS.settings });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
