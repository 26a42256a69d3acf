import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { forgeObject } from '@sluice/testing/forged-object.ts';
import { serveGit, type GitServer } from '@sluice/testing/git-server.ts';
import { assign, hex, register } from '@sluice/testing/ledger.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { repositoryForEach } from '@sluice/testing/repository-for-each.ts';
import { runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { openLedger, type Ledger } from './repository.ts';
import { rolloutLock } from './lock.ts';
import { findRemote } from './remote.ts';
import { planRollback } from './rollback.ts';
import { testSetUses } from './test-set-uses.ts';

jest.setTimeout(60_000);

let repository: TestRepository;
repositoryForEach((made) => {
  repository = made;
});

const open = (directory = repository.workspace): Promise<Ledger> => openLedger({ directory, log: silentLog });

describe('a ledger in a repository', () => {
  test('is empty before anything was registered', async () => {
    const state = await (await open()).read('m');
    expect(state.versions).toEqual([]);
    expect(state.environments.size).toBe(0);
  });

  test('registers, assigns and rolls back, and reads the same back', async () => {
    const ledger = await open();
    await register(ledger, 1);
    await register(ledger, 2);
    await assign(ledger, 'v1.0.0');
    await assign(ledger, 'v2.0.0');
    const { plan, state } = await ledger.write('m', (before) =>
      planRollback(
        before,
        {
          environment: 'production',
          reason: 'too slow',
          releaseQuarantine: false,
          hold: false,
          bytesPresent: () => true,
        },
        new Date(),
      ),
    );
    expect(plan).toMatchObject({ kind: 'write', version: 'v1.0.0', previous: 'v2.0.0' });
    expect(await repository.tags()).toEqual([
      'm#production!#3',
      'm#production#1',
      'm#production#2',
      'm#production#4',
      'm@v1.0.0',
      'm@v2.0.0',
    ]);
    const read = await ledger.read('m');
    expect(read).toEqual(state);
    expect(read.problems).toEqual([]);
    expect(read.environments.get('production')?.live?.version).toBe('v1.0.0');
    expect([...(read.environments.get('production')?.quarantined ?? [])]).toEqual(['v2.0.0']);
  });

  test('leaves nothing in the checkout, and no scratch folder', async () => {
    const scratch = path.join(repository.root, 'runner-temp');
    const before = process.env['RUNNER_TEMP'];
    await mkdir(scratch);
    process.env['RUNNER_TEMP'] = scratch;
    try {
      await register(await open(), 1);
    } finally {
      if (before === undefined) delete process.env['RUNNER_TEMP'];
      else process.env['RUNNER_TEMP'] = before;
    }
    expect(await readdir(scratch)).toEqual([]);
    expect(await repository.git('status', '--porcelain')).toBe('');
    expect(await repository.git('for-each-ref', '--format=%(refname)')).toBe(
      'refs/heads/main\nrefs/remotes/origin/main',
    );
    await expect(readdir(path.join(repository.workspace, '.git/shallow'))).rejects.toThrow('ENOENT');
  });

  test('never sees tags of a model whose name only begins alike', async () => {
    const head = await repository.git('rev-parse', 'HEAD');
    for (const name of ['m-2@v9.0.0', 'm-2#production#9', 'mm@v8.0.0', 'other@v7.0.0']) {
      await repository.tag(name, { commit: head, time: new Date(1.7e12), message: 'x' });
    }
    const ledger = await open();
    expect((await ledger.read('m')).versions).toEqual([]);
    expect((await register(ledger, 1)).plan).toMatchObject({ version: 'v1.0.0' });
  });

  test('works without the identity, the hooks and the tags of the checkout', async () => {
    await repository.git('config', 'user.useConfigOnly', 'true');
    await repository.git('tag', 'm@v1.0.0');
    await repository.git('config', 'tag.gpgSign', 'true');
    expect((await register(await open(), 1)).plan).toMatchObject({ version: 'v1.0.0' });
    expect(await repository.remoteGit('cat-file', '-t', 'm@v1.0.0')).toBe('tag');
    expect(await repository.remoteGit('for-each-ref', '--format=%(taggername)', 'refs/tags')).toBe('Sluice');
  });

  test('pushes a commit that the remote does not have, with the tag', async () => {
    await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Only here');
    await register(await open(), 1);
    expect(await repository.remoteGit('rev-parse', 'm@v1.0.0^{commit}')).toBe(
      await repository.git('rev-parse', 'HEAD'),
    );
  });

  test.each([
    ['shallow and without files', ['--depth=1', '--filter=blob:none']],
    ['whole, without the files of earlier commits', ['--filter=blob:none']],
    ['whole, without the trees of earlier commits', ['--filter=tree:0']],
    ['shallow, without trees, of a few folders', ['--depth=1', '--filter=tree:0', '--sparse']],
  ])(
    'is registered in, deployed and rolled back from a clone that is %s, detached, its remote relative',
    async (_what, args) => {
      for (const text of ['one', 'two']) {
        await repository.write({ 'src/train.py': text, 'other/big.txt': text });
        await repository.commit(text);
      }
      // The path of a folder alone has git copy it, with everything.
      const clone = await repository.clone('--no-local', ...args);
      expect(await runGit(clone, ['config', 'remote.origin.promisor'])).toBe('true');
      await runGit(clone, ['checkout', '--quiet', '--detach']);
      await runGit(clone, ['remote', 'set-url', 'origin', '../remote.git']);
      const ledger = await open(clone);
      const lock = rolloutLock(ledger.access, 'm', 'production');
      for (const [n, version] of ['v1.0.0', 'v2.0.0'].entries()) {
        await register(ledger, n);
        const time = new Date().toISOString();
        const claimed = await lock.acquire({
          claim: 'c',
          candidate: version,
          step: 's',
          started: time,
          heartbeat: time,
        });
        if (claimed.kind !== 'held') throw new Error('somebody else has the lock');
        await assign(ledger, version);
        expect(await lock.release(claimed.commit)).toBe(true);
      }
      const { state } = await ledger.write('m', (now) =>
        planRollback(
          now,
          {
            environment: 'production',
            reason: 'worse',
            releaseQuarantine: false,
            hold: false,
            bytesPresent: () => true,
          },
          new Date(),
        ),
      );
      expect(state.environments.get('production')?.live?.version).toBe('v1.0.0');
    },
  );

  test("leaves the project's own tags to git describe, as docs/ledger.md has it", async () => {
    await repository.git('tag', '-m', 'Release', 'v1.2.0');
    await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Go on');
    const ledger = await open();
    await register(ledger, 1);
    await assign(ledger, 'v1.0.0');
    await repository.git('fetch', '--quiet', '--tags', 'origin');
    expect(await repository.git('describe')).toMatch(/^m[@#]/);
    expect(await repository.git('describe', '--exclude', '*[@#]*')).toMatch(/^v1\.2\.0-1-g/);
  });

  test('sends nothing but the tag, also from a shallow clone whose branch moved on', async () => {
    await repository.write({ 'data.bin': 'x'.repeat(1000), 'src/train.py': 'print()\n' });
    await repository.commit('More files');
    const clone = await repository.clone('--depth=1');
    await repository.commit('Moved on');
    // Keeps what arrives as a pack, duplicates included.
    await repository.remoteGit('config', 'receive.unpackLimit', '1');
    await register(await open(clone), 1);
    expect(await repository.remoteGit('count-objects', '-v')).toContain('in-pack: 1\n');
  });

  test('tells a repository without a commit what to do', async () => {
    const empty = path.join(repository.root, 'empty');
    await runGit(repository.root, ['init', '--quiet', empty]);
    await runGit(empty, ['remote', 'add', 'origin', repository.remote]);
    const ledger = await open(empty);
    await expect(ledger.head()).rejects.toMatchObject({
      reasonCode: 'bad-config',
      message: expect.stringContaining('Commit first'),
    });
  });
});

describe('tags that were read once', () => {
  const kept = async (directory: string): Promise<string[]> => {
    const files = await readdir(path.join(directory, '.git/sluice/objects/pack'));
    return files.filter((file) => file.endsWith('.pack'));
  };

  test('are not fetched again, by whichever process of the checkout', async () => {
    await register(await open(), 1);
    const clone = await repository.clone('--no-tags');
    const first = await (await open(clone)).read('m');
    const packs = await kept(clone);
    expect(packs).toHaveLength(1);
    expect(await (await open(clone)).read('m')).toEqual(first);
    expect(await kept(clone)).toEqual(packs);
    await register(await open(), 2);
    expect((await (await open(clone)).read('m')).versions).toHaveLength(2);
    expect(await kept(clone)).toHaveLength(2);
  });

  test('are not fetched at all where the checkout has them', async () => {
    await register(await open(), 1);
    const clone = await repository.clone();
    expect((await (await open(clone)).read('m')).versions).toHaveLength(1);
    expect(await kept(clone)).toEqual([]);
  });

  test('are written on, and forgotten when the remote forgot them', async () => {
    await register(await open(), 1);
    const clone = await repository.clone('--depth=1', '--no-tags');
    await repository.commit('Moved on');
    await register(await open(), 2);
    const ledger = await open(clone);
    expect((await ledger.read('m')).versions).toHaveLength(2);
    expect((await assign(ledger, 'v2.0.0')).plan).toMatchObject({ kind: 'write' });
    await repository.remoteGit('tag', '--delete', 'm@v1.0.0');
    expect((await ledger.read('m')).versions.map((v) => v.version)).toEqual(['v2.0.0']);
  });
});

describe('other bytes under the id of an object, in the .git of the checkout', () => {
  const digest = /(?<=^Model-Digest: sha256:).*$/m;

  /** Puts a tag of other bytes under the id of the real one, and has git itself read it back. */
  async function forgeTag(checkout: string, objects: string): Promise<void> {
    const name = await repository.remoteGit('rev-parse', 'refs/tags/m@v1.0.0');
    const real = `${await repository.remoteGit('cat-file', 'tag', name)}\n`;
    await forgeObject(objects, name, 'tag', real.replace(digest, hex(666)));
    const read = await runGit(checkout, ['cat-file', 'tag', name], { GIT_OBJECT_DIRECTORY: objects });
    expect(read).toContain(hex(666));
  }

  test.each(['objects', 'sluice/objects'])(
    'is not believed where tags lie in .git/%s, and the remote is asked',
    async (where) => {
      await register(await open(), 1);
      const clone = await repository.clone('--no-tags');
      const objects = path.join(clone, '.git', where);
      await forgeTag(clone, objects);
      const warnings: string[] = [];
      const log = { ...silentLog, warning: (text: string) => warnings.push(text) };
      const ledger = await openLedger({ directory: clone, log });
      expect((await ledger.read('m')).versions).toMatchObject([{ version: 'v1.0.0', modelDigest: hex(1) }]);
      expect(warnings).toEqual([expect.stringContaining('of the tags m@v1.0.0. They were not believed')]);
      expect((await register(ledger, 2)).plan).toMatchObject({ version: 'v2.0.0' });
      expect((await assign(ledger, 'v1.0.0')).state.environments.get('production')?.live?.version).toBe(
        'v1.0.0',
      );
    },
  );

  test('hides no tag: one whose object became something else is read from the remote', async () => {
    await register(await open(), 1);
    const clone = await repository.clone('--no-tags');
    const name = await repository.remoteGit('rev-parse', 'refs/tags/m@v1.0.0');
    await forgeObject(path.join(clone, '.git/objects'), name, 'blob', 'nothing\n');
    expect((await (await open(clone)).read('m')).versions).toHaveLength(1);
  });

  test('does not make a rollout of somebody else, nor evaluations of a test set', async () => {
    const access = await findRemote({ directory: repository.workspace });
    const lock = rolloutLock(access, 'm', 'production');
    const at = '2026-01-01T00:00:00.000Z';
    const journal = { claim: 'one', candidate: 'v2.0.0', step: 'claimed', started: at, heartbeat: at };
    await lock.acquire(journal);
    const uses = testSetUses(access, 'm', hex(7));
    await uses.add({ candidate: hex(1), at });
    const commits = ['refs/sluice/rollouts/m/production', `refs/sluice/test-sets/${hex(7)}`];
    const empty = await repository.git('hash-object', '-t', 'tree', '-w', '/dev/null');
    for (const ref of commits) {
      const name = await repository.remoteGit('rev-parse', ref);
      const real = `${await repository.remoteGit('cat-file', 'commit', name)}\n`;
      await forgeObject(
        path.join(repository.workspace, '.git/objects'),
        name,
        'commit',
        real.replace(/^tree \w+/, `tree ${empty}`),
      );
    }
    expect((await lock.read())?.content).toEqual(journal);
    expect(await uses.read()).toEqual([{ candidate: hex(1), at }]);
  });
});

describe('a remote that asks who is there', () => {
  const TOKEN = 'ghs_verysecrettoken';
  const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
  let server: GitServer;
  let mayWrite: boolean;

  beforeEach(async () => {
    mayWrite = true;
    await repository.remoteGit('config', 'http.receivepack', 'true');
    server = await serveGit(
      repository.root,
      (authorization, service) => authorization === `basic ${BASIC}` && (service === 'read' || mayWrite),
    );
    await repository.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
  });
  afterEach(() => server.close());

  const openWith = (token?: string, serverUrl = server.origin): Promise<Ledger> =>
    openLedger({ directory: repository.workspace, token, serverUrl, log: silentLog });

  test('gets the token, in a header and nowhere else', async () => {
    await register(await openWith(TOKEN), 1);
    expect(await repository.tags()).toEqual(['m@v1.0.0']);
    expect(new Set(server.authorizations)).toEqual(new Set([`basic ${BASIC}`]));
    expect(await repository.git('config', '--list')).not.toContain(TOKEN);
  });

  test('gets one header only, also when the checkout persisted credentials', async () => {
    await repository.git('config', `http.${server.origin}/.extraheader`, 'AUTHORIZATION: basic b2xk');
    await register(await openWith(TOKEN), 1);
    expect(await repository.tags()).toEqual(['m@v1.0.0']);
  });

  test('gets the credentials that the checkout persisted when there is no token', async () => {
    await repository.git('config', `http.${server.origin}/.extraheader`, `AUTHORIZATION: basic ${BASIC}`);
    await register(await openWith(), 1);
    expect(await repository.tags()).toEqual(['m@v1.0.0']);
  });

  test('never gets a token that belongs to another forge', async () => {
    await expect((await openWith(TOKEN, 'https://github.com')).read('m')).rejects.toMatchObject({
      reasonCode: 'no-permission',
    });
    expect(server.authorizations.every((a) => a === undefined)).toBe(true);
  });

  test('and refuses, is answered with the permission to add and without the secret', async () => {
    mayWrite = false;
    const failure: unknown = await register(await openWith(TOKEN), 1).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      reasonCode: 'no-permission',
      message: expect.stringContaining('permissions:\n  contents: write'),
    });
    expect(String(failure)).not.toMatch(new RegExp(`${TOKEN}|${BASIC}`));
    await expect((await openWith()).read('m')).rejects.toMatchObject({ reasonCode: 'no-permission' });
  });

  test('and does not answer, is unavailable', async () => {
    const ledger = await openWith(TOKEN);
    await server.close();
    await expect(ledger.read('m')).rejects.toMatchObject({ reasonCode: 'service-unavailable' });
  });
});
