import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createRepository, runGit as git, type TestRepository } from '@sluice/testing/repository.ts';
import { findCheckedOut } from './checked-out.ts';
import { findRepository } from './find-repository.ts';
import { runGit } from './git.ts';
import { findRemote } from './remote.ts';

let repository: TestRepository;
beforeEach(async () => {
  repository = await createRepository();
});
afterEach(() => repository.remove());

/** A program that leaves a trace, and the file in which it does. */
async function trap(): Promise<{ program: string; trace: string }> {
  const [program, trace] = ['trap.sh', 'trace'].map((name) => path.join(repository.root, name)) as [
    string,
    string,
  ];
  await writeFile(program, `#!/bin/sh\nenv > '${trace}'\nexit 1\n`);
  await chmod(program, 0o755);
  return { program, trace };
}

const absent = { code: 'ENOENT' };

/** A folder that git by itself takes for a bare repository. */
async function embed(folder: string, config: string): Promise<void> {
  for (const name of ['objects', 'refs']) await mkdir(path.join(folder, name), { recursive: true });
  await writeFile(path.join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  await writeFile(path.join(folder, 'config'), config);
}

it('is refused where it is too old, before it is given anything to do', async () => {
  const [folder, trace] = [path.join(repository.root, 'bin'), path.join(repository.root, 'trace')];
  await mkdir(folder);
  await writeFile(path.join(folder, 'git'), `#!/bin/sh\necho "$@" >> '${trace}'\necho git version 2.30.2\n`);
  await chmod(path.join(folder, 'git'), 0o755);
  const before = process.env['PATH'] ?? '';
  process.env['PATH'] = `${folder}${path.delimiter}${before}`;
  try {
    const found = { gitDir: repository.workspace };
    await expect(runGit(['status'], { repository: found })).rejects.toMatchObject({
      reasonCode: 'missing-file',
      message: expect.stringContaining('git on this runner is 2.30.2') as unknown,
    });
    expect(await readFile(trace, 'utf8')).toBe('version\n');
  } finally {
    process.env['PATH'] = before;
  }
  // The next one asks again, and finds the machine's own.
  expect(await runGit(['version'], { repository: { gitDir: repository.workspace } })).toMatchObject({
    code: 0,
  });
});

describe('which repository', () => {
  it('is the checkout, not files of it that look like a bare repository', async () => {
    const folder = path.join(repository.workspace, 'models', 'flight');
    await embed(
      folder,
      '[core]\n\tbare = false\n\tworktree = .\n[remote "origin"]\n\turl = ssh://x.invalid/y\n',
    );
    expect(await findRepository(folder)).toEqual({
      gitDir: path.join(repository.workspace, '.git'),
      workTree: repository.workspace,
    });
    expect(await findCheckedOut(folder)).toBe(await repository.git('rev-parse', 'HEAD'));
    expect((await findRemote({ directory: folder })).url).toBe(repository.remote);
  });

  it('is a worktree by the file that names its folder', async () => {
    const folder = path.join(repository.root, 'tree');
    await repository.git('worktree', 'add', '--quiet', folder);
    expect((await findRemote({ directory: folder })).top).toBe(folder);
  });

  it('is none where there is only an empty .git', async () => {
    const folder = path.join(repository.root, 'folder');
    await mkdir(path.join(folder, '.git'), { recursive: true });
    expect(await findRepository(folder)).toBeUndefined();
    await expect(findRemote({ directory: folder })).rejects.toMatchObject({ reasonCode: 'bad-config' });
  });
});

describe('what the configuration of a checkout names is not run', () => {
  const run = async (...args: string[]): Promise<number> => {
    const found = await findRepository(repository.workspace);
    if (found === undefined) throw new Error('no repository');
    return (await runGit(args, { repository: found })).code;
  };

  it('core.sshCommand, and objects that are missing are not fetched', async () => {
    const { program, trace } = await trap();
    await repository.git('config', 'core.sshCommand', program);
    await repository.git('remote', 'set-url', 'origin', 'ssh://x.invalid/y');
    await repository.git('config', 'extensions.partialClone', 'origin');
    await repository.git('config', 'core.repositoryFormatVersion', '1');
    await repository.git('config', 'remote.origin.promisor', 'true');
    await repository.git('config', 'protocol.ssh.allow', 'always');
    expect(await run('cat-file', 'blob', '1234567890123456789012345678901234567890')).not.toBe(0);
    await expect(findRemote({ directory: repository.workspace })).rejects.toThrow(
      /core\.sshCommand.*GIT_SSH_COMMAND/,
    );
    await expect(readFile(trace)).rejects.toMatchObject(absent);
  });

  it('core.fsmonitor, hooks and the program that shows signatures', async () => {
    const { program, trace } = await trap();
    await repository.git('config', 'core.fsmonitor', program);
    await repository.git('config', 'core.hooksPath', path.join(repository.root, 'hooks'));
    await repository.git('config', 'log.showSignature', 'true');
    await repository.git('config', 'gpg.program', program);
    await mkdir(path.join(repository.root, 'hooks'));
    for (const hook of ['post-index-change', 'reference-transaction']) {
      await writeFile(path.join(repository.root, 'hooks', hook), `#!/bin/sh\nexec '${program}'\n`, {
        mode: 0o755,
      });
    }
    await writeFile(path.join(repository.workspace, 'README.md'), 'Another.\n');
    expect(await run('status', '--porcelain')).toBe(0);
    expect(await run('log', '-1')).toBe(0);
    expect(await run('update-ref', 'refs/x', 'HEAD')).toBe(0);
    await expect(readFile(trace)).rejects.toMatchObject(absent);
  });

  it('a remote that is a program', async () => {
    const { program, trace } = await trap();
    await repository.git('remote', 'set-url', 'origin', `ext::${program}`);
    await repository.git('config', 'protocol.ext.allow', 'always');
    await expect(findRemote({ directory: repository.workspace })).rejects.toMatchObject({
      reasonCode: 'bad-config',
    });
    await expect(readFile(trace)).rejects.toMatchObject(absent);
  });
});

it('lets git take no other protocol than the one that is needed', async () => {
  const found = { gitDir: repository.remote };
  const args = ['ls-remote', repository.remote];
  expect((await runGit(args, { repository: found, protocol: 'file' })).code).toBe(0);
  expect((await runGit(args, { repository: found, protocol: 'https' })).stderr).toContain(
    "transport 'file' not allowed",
  );
  expect((await runGit(args, { repository: found })).code).not.toBe(0);
});

/** As actions/checkout from version 6 on: the header lies in a file of its own, which .git/config includes for this folder. */
it('finds the header that actions/checkout leaves, in .git/config or included from there', async () => {
  await repository.git('remote', 'set-url', 'origin', 'https://github.com/acme/x');
  const file = path.join(repository.root, 'credentials.config');
  const header = 'AUTHORIZATION: basic eDpnaHNfMQ==';
  await git(repository.root, ['config', '--file', file, 'http.https://github.com/.extraheader', header]);
  await repository.git('config', `includeIf.gitdir:${repository.workspace}/.git.path`, file);
  const { config, secrets } = await findRemote({ directory: repository.workspace });
  expect(config).toContainEqual(['http.https://github.com/.extraheader', header]);
  expect(secrets).toEqual(['eDpnaHNfMQ==']);
});

it('sends no token over plain http to another machine, and needs none for a server that asks for none', async () => {
  await repository.git('remote', 'set-url', 'origin', 'http://gitea:3000/acme/x');
  const found = { directory: repository.workspace, serverUrl: 'http://gitea:3000' };
  await expect(findRemote({ ...found, token: 'ghs_1' })).rejects.toMatchObject({
    reasonCode: 'bad-config',
    message: expect.stringContaining('set SLUICE_TRUSTED_ORIGINS to http://gitea:3000') as unknown,
  });
  expect((await findRemote(found)).secrets).toEqual([]);
});
