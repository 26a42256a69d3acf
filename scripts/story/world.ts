import { cp, mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ActRunner } from '@sluice/testing/act.ts';
import { commitAll, gitIn, type Git } from './git.ts';
import { startServer, type ModelServer } from './server.ts';

export const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
export const SAMPLE = path.join('workflows-examples', 'flight-delay');
const LEFT_OUT = new Set(['out', '.sluice', '__pycache__', '.pytest_cache', '.ruff_cache', '.venv']);

/** A team's small world: a repository with a remote, a store of models, a server, and a runner of workflows. */
export interface World {
  /** Everything lies in this folder. */
  readonly scratch: string;
  /** The clone that somebody works in. */
  readonly git: Git;
  /** The bare repository it pushes to. */
  readonly remote: Git;
  readonly server: ModelServer;
  readonly runner: ActRunner;
}

export interface WorldOptions {
  /** The server outlives this process. */
  readonly detached?: boolean;
  /** Where GitHub's API is, and a token for it; without, the workflows have none. */
  readonly github?: { readonly apiUrl: string; readonly token: string };
}

/** Copies the sample project into a repository of its own and starts its model server, which has no model yet. */
export async function createWorld(
  scratch: string,
  { detached = false, github }: WorldOptions = {},
): Promise<World> {
  const folder = (name: string): string => path.join(scratch, name);
  await Promise.all(['repository', 'remote.git', 'models', 'production'].map((name) => mkdir(folder(name))));
  await cp(path.join(ROOT, SAMPLE), folder('repository'), {
    recursive: true,
    filter: (source) => !LEFT_OUT.has(path.basename(source)),
  });
  const remote = gitIn(folder('remote.git'));
  remote('init', '--quiet', '--bare', '--initial-branch=main');
  const git = gitIn(folder('repository'));
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', remote.directory);
  commitAll(git, 'Predict which flights arrive late');
  git('push', '--quiet', '--set-upstream', 'origin', 'main');
  const server = await startServer({
    python: path.join(ROOT, '.venv', 'bin', 'python'),
    project: git.directory,
    root: folder('production'),
    log: folder('server.log'),
    detached,
  });
  const vars = { MODEL_STORE: folder('models'), MODEL_ROOT: folder('production'), MODEL_URL: server.url };
  const api = github === undefined ? {} : { env: { GITHUB_API_URL: github.apiUrl }, token: github.token };
  return { scratch, git, remote, server, runner: { scratch, vars, ...api } };
}
