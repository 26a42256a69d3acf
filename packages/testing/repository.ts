import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** A real bare repository and a clone of it, in a folder of its own. */
export interface TestRepository {
  /** The folder of both; a good place for a store or a target too. */
  readonly root: string;
  /** Path of the bare repository that plays the forge. */
  readonly remote: string;
  /** Path of the clone, on branch `main`, one commit pushed. */
  readonly workspace: string;
  /** Runs git in the clone and returns what it printed, without the last newline. */
  git(...args: string[]): Promise<string>;
  /** Runs git in the bare repository. */
  remoteGit(...args: string[]): Promise<string>;
  /** Writes files into the clone, folders included. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Commits everything in the clone, pushes `main` and returns the commit. */
  commit(message: string): Promise<string>;
  /** Creates an annotated tag on the remote, by hand so to speak. */
  tag(name: string, options: { commit: string; time: Date; message: string }): Promise<void>;
  /** Names of the tags on the remote, in git's order. */
  tags(): Promise<string[]>;
  /** Installs a hook of the bare repository, such as `pre-receive`, as a shell script. */
  hook(name: string, script: string): Promise<void>;
  /** Clones the remote once more and returns the path; `args` go to git clone. */
  clone(...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Environment of git in tests: an identity of its own and nothing of the machine's configuration. */
const GIT_ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export async function runGit(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await execute('git', args, { cwd: directory, env: { ...GIT_ENV, ...env } });
  return stdout.replace(/\n$/, '');
}

/** Makes the repository with `files` in its first commit. */
export async function createRepository(
  files: Readonly<Record<string, string>> = { 'README.md': 'A project.\n' },
): Promise<TestRepository> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'sluice-repository-'));
  // Without a template, so that no examples of hooks are copied along.
  await runGit(root, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', 'remote.git']);
  const repository = describe(root);
  // As forges have it: partial and by-id fetches are answered.
  await runGit(repository.remote, ['config', 'uploadpack.allowFilter', 'true']);
  await runGit(root, ['init', '--quiet', '--template=', '--initial-branch=main', 'workspace']);
  await runGit(repository.workspace, ['remote', 'add', 'origin', repository.remote]);
  await repository.write(files);
  await repository.commit('Begin');
  return repository;
}

/** The same repository once more, as it is now: far quicker than to make it again. */
export async function copyRepository(from: TestRepository): Promise<TestRepository> {
  const root = await mkdtemp(path.join(os.tmpdir(), 'sluice-repository-'));
  await execute('cp', ['-R', `${from.root}/.`, root]);
  const copy = describe(root);
  await copy.git('remote', 'set-url', 'origin', copy.remote);
  return copy;
}

function describe(root: string): TestRepository {
  const remote = path.join(root, 'remote.git');
  const workspace = path.join(root, 'workspace');
  const git = (...args: string[]): Promise<string> => runGit(workspace, args);
  const remoteGit = (...args: string[]): Promise<string> => runGit(remote, args);
  let clones = 0;
  return {
    root,
    remote,
    workspace,
    git,
    remoteGit,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        const file = path.join(workspace, name);
        await mkdir(path.dirname(file), { recursive: true });
        await writeFile(file, content);
      }
    },
    async commit(message) {
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', message);
      await git('push', '--quiet', '--set-upstream', 'origin', 'main');
      return git('rev-parse', 'HEAD');
    },
    async tag(name, { commit, time, message }) {
      await runGit(
        remote,
        ['tag', '--annotate', '--cleanup=verbatim', '--message', message, '--', name, commit],
        {
          GIT_COMMITTER_DATE: `${Math.floor(time.getTime() / 1000)} +0000`,
        },
      );
    },
    async tags() {
      return (await remoteGit('tag', '--list')).split('\n').filter((name) => name !== '');
    },
    async hook(name, script) {
      await mkdir(path.join(remote, 'hooks'), { recursive: true });
      await writeFile(path.join(remote, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    async clone(...args) {
      const directory = path.join(root, `clone-${++clones}`);
      await runGit(root, ['clone', '--quiet', ...args, `file://${remote}`, directory]);
      return directory;
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
