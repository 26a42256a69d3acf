import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../action.ts';
import { temporaryFolder } from '../temporary.ts';

/** Python with DVC, which `npm run test:e2e` installs. */
export const PYTHON = path.join(ROOT, '.cache/e2e-dvc/bin/python');
export const DVC_BIN = path.dirname(PYTHON);

/** A repository with git and DVC, and a folder as its default remote. */
export interface DvcRepository {
  readonly root: string;
  readonly remote: string;
  /** What a workflow says so that the actions read from it: it lies outside of the checkout. */
  readonly env: Readonly<Record<string, string>>;
  dvc(...args: string[]): Promise<string>;
  git(...args: string[]): Promise<string>;
  /** Writes files, by paths relative to the root. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
}

/** The environment of DVC: no telemetry, no configuration of the user. */
export function dvcEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: `${DVC_BIN}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    DVC_NO_ANALYTICS: '1',
    DVC_SITE_CACHE_DIR: path.join(home, 'site-cache'),
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    LANG: 'C.UTF-8',
  };
}

/** Makes such a repository with the real tools. */
export async function dvcRepository(
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<DvcRepository> {
  const home = await temporaryFolder(`${name}-home`);
  const root = await temporaryFolder(name);
  const remote = await temporaryFolder(`${name}-remote`);
  const run =
    (program: string) =>
    async (...args: string[]): Promise<string> => {
      const options = { cwd: root, env: { ...dvcEnvironment(home), ...env }, maxBuffer: 1 << 28 };
      return (await promisify(execFile)(program, args, options)).stdout;
    };
  const [dvc, git] = [run('dvc'), run('git')];
  const write = async (files: Readonly<Record<string, string | Uint8Array>>): Promise<void> => {
    for (const [file, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), content);
    }
  };
  await git('init', '-q', '-b', 'main');
  await dvc('init', '-q');
  await dvc('remote', 'add', '-q', '-d', 'store', remote);
  return { root, remote, env: { SLUICE_DVC_REMOTES: remote }, dvc, git, write };
}
