import type { Entry } from '@sluice/core/store/release/entry.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { startRelay } from '@sluice/testing/cutter.ts';
import type { StoredAsset, StoredRelease } from '@sluice/testing/github/releases.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { openAt } from '@sluice/testing/store-address.ts';
import { describeStore, type Stored } from './store.ts';

const NONE = new Map<string, never>();

async function fresh() {
  const github = new GitHubDouble({ permissions: { contents: 'write' } });
  await github.start();
  const { releases } = github.state;
  const relay = await startRelay(releases.hosts.uploads);
  releases.hosts = { uploads: relay.url, storage: relay.url };
  const tagOf = ({ model, digest }: Stored): string => `${model}/sha256/${digest}`;
  const releaseOf = (at: Stored): StoredRelease => {
    const release = releases.published(tagOf(at));
    if (release === undefined) throw new Error('it was not published');
    return release;
  };
  const assetOf = (at: Stored, name: string): StoredAsset => {
    const asset = releaseOf(at).assets.find((one) => one.name === name);
    if (asset === undefined) throw new Error(`there is no ${name}`);
    return asset;
  };
  const entryOf = (at: Stored): Entry =>
    JSON.parse(assetOf(at, 'entry.json').content.toString('utf8')) as Entry;
  const byId = (at: Stored, id: number | undefined): StoredAsset => {
    const asset = releaseOf(at).assets.find((one) => one.id === id);
    if (asset === undefined) throw new Error(`there is no asset ${id}`);
    return asset;
  };
  const firstOf = (at: Stored): StoredAsset =>
    byId(at, entryOf(at).packs.find((pack) => pack.asset !== undefined)?.asset);
  /** The asset that a file lies in, and where it begins there. */
  const placeOf = (at: Stored, file: string): { asset: StoredAsset; start: number } => {
    const { files, packs } = entryOf(at);
    const index = files.findIndex((one) => one.path === file);
    let first = 0;
    for (const pack of packs) {
      if (index < first + pack.files) {
        const before = files.slice(first, index);
        return { asset: byId(at, pack.asset), start: before.reduce((sum, one) => sum + one.bytes, 0) };
      }
      first += pack.files;
    }
    throw new Error(`there is no ${file}`);
  };
  return {
    uri: 'release:',
    env: { ...github.env, GITHUB_TOKEN: 'ghs_test' },
    github,
    relay,
    assetOf,
    async changeFile(at: Stored, file: string) {
      const { asset, start } = placeOf(at, file);
      asset.content = Buffer.from(asset.content);
      asset.content.writeUInt8(asset.content.readUInt8(start) ^ 1, start);
    },
    async removeFile(at: Stored) {
      const { assets } = releaseOf(at);
      assets.splice(assets.indexOf(firstOf(at)), 1);
    },
    async describeAnew(at: Stored, text: string) {
      releases.complete(assetOf(at, 'entry.json'), Buffer.from(text));
    },
    async hasBegun(at: Stored) {
      const drafts = releases.stored.filter((one) => one.draft && one.tag === tagOf(at));
      return drafts.some(({ assets }) => assets.length > 0);
    },
    async close() {
      await relay.close();
      await github.stop();
      expect(github.violations).toEqual([]);
    },
  };
}

type Under = Awaited<ReturnType<typeof fresh>>;

const permitting = (contents: 'none' | 'read') => ({
  use: async ({ github, uri, env }: Under) => {
    github.state.permit({ contents });
    return { uri, env };
  },
});

describeStore<Under>({
  scheme: 'release',
  fresh,
  oneWinner: true,
  manyFiles: 3_000,
  longestPath: 2000,
  refusedNames: {},
  refuseWriting: permitting('read'),
  refuseReading: permitting('none'),
  fill: { cannot: 'GitHub has no disk that is full' },
  describeHugely: {
    async use({ assetOf }, at) {
      assetOf(at, 'entry.json').said = { size: 1 << 30, digest: null };
    },
  },
  cutter: { use: ({ relay }) => relay },
  resumes: true,
});

describe("a repository's releases", () => {
  let under: Under;
  let root: string;
  let modelPath: string;
  let at: Stored;
  beforeEach(async () => {
    under = await fresh();
    root = await mkdtemp(path.join(os.tmpdir(), 'sluice-release-'));
    modelPath = path.join(root, 'model.bin');
    await writeFile(modelPath, 'bytes of a model');
    at = { model: 'm', digest: (await digestModel(modelPath)).sha256 };
  });
  afterEach(async () => {
    await under.close();
    await rm(root, { recursive: true, force: true });
  });
  const open = () => openAt(under, { log: silentLog });
  const putIt = () => open().put(at.model, at.digest, modelPath, NONE);
  const fetchIt = () => open().fetch(at.model, at.digest, path.join(root, 'fetched'));
  const releases = () => under.github.state.releases.stored;
  const UPLOAD = /\/releases\/\d+\/assets$/;

  /** The model is there once, whole. */
  const expectStored = async (): Promise<void> => {
    expect(releases()).toHaveLength(1);
    expect(releases()[0]?.draft).toBe(false);
    expect(releases()[0]?.assets.map(({ name, state }) => [name, state])).toEqual([
      ['model.bin', 'uploaded'],
      ['entry.json', 'uploaded'],
    ]);
    expect(await readFile((await fetchIt()).modelPath, 'utf8')).toBe('bytes of a model');
  };

  test("has a release of its own for each model, that is nobody's latest", async () => {
    expect(await putIt()).toEqual({
      uri: `release:acme/flights/m/sha256/${at.digest}`,
      created: true,
    });
    await expectStored();
    expect(open().uri).toBe('release:acme/flights');
    expect(
      await openAt({ ...under, uri: 'release:acme/flights' }, { log: silentLog }).has('m', at.digest),
    ).toBe(true);
  });

  test.each<[string, Parameters<Under['github']['assets']['fail']>[0]['kind']]>([
    ['its answer is lost', 'reset'],
    ['it never arrives', 'dropped'],
    ['GitHub is out of order', { status: 502 }],
    ['GitHub asks to slow down', { secondaryLimit: 403, retryAfter: 1 }],
  ])('upload a file again when %s', async (_what, kind) => {
    under.github.assets.fail({ method: 'POST', path: UPLOAD, kind, times: 2 });
    await putIt();
    await expectStored();
  });

  test.each([
    ['POST', /\/releases$/],
    ['PATCH', /\/releases\/\d+$/],
    ['GET', /\/releases\/tags\//],
    ['GET', /\/releases\/\d+\/assets$/],
  ])('survive a lost answer to %s %s', async (method, path_) => {
    under.github.fail({ method, path: path_, kind: 'reset' });
    await putIt();
    const published = releases().filter(({ draft }) => !draft);
    expect(published).toHaveLength(1);
    expect(await readFile((await fetchIt()).modelPath, 'utf8')).toBe('bytes of a model');
  });

  test('are given up when GitHub stays away, and leave no draft', async () => {
    under.github.assets.fail({ method: 'POST', path: UPLOAD, kind: { status: 503 }, times: 100 });
    await expect(putIt()).rejects.toMatchObject({
      reasonCode: 'service-unavailable',
      message: expect.stringContaining('githubstatus.com'),
    });
    expect(releases()).toEqual([]);
  });

  test('do not wait for an hour that GitHub asks for', async () => {
    under.github.assets.fail({
      method: 'POST',
      path: UPLOAD,
      kind: { secondaryLimit: 429, retryAfter: 3600 },
      times: 9,
    });
    await expect(putIt()).rejects.toMatchObject({
      reasonCode: 'service-unavailable',
      message: expect.stringContaining('after that time'),
    });
  });

  test('lose a draft that a killed job left a day ago, and keep a younger one', async () => {
    const stored = releases();
    const draft = (id: number, hours: number) => ({
      id,
      tag: `m/sha256/${at.digest}`,
      draft: true,
      createdAt: new Date(Date.now() - hours * 3_600_000),
      assets: [],
    });
    stored.push(draft(1, 25), draft(2, 23));
    await putIt();
    expect(stored.filter((one) => one.draft).map(({ id }) => id)).toEqual([2]);
  });

  test('hold a model also where releases are immutable', async () => {
    under.github.state.releases.immutable = true;
    await putIt();
    await expectStored();
  });

  test('know from GitHub alone that a file is gone or was replaced', async () => {
    await putIt();
    under.github.state.releases.complete(under.assetOf(at, 'model.bin'), Buffer.from('other bytes of it'));
    const refusal = { reasonCode: 'evidence-mismatch', message: expect.stringContaining('model.bin') };
    await expect(open().has('m', at.digest)).rejects.toMatchObject(refusal);
  });

  test('fetch nothing beside a model that is longer than such a file may be', async () => {
    await putIt();
    await open().put(at.model, at.digest, modelPath, new Map([['passport.jsonl', { text: 'one' }]]));
    const wanted = { name: 'passport.jsonl', sha256: sha256('one') };
    const asset = under.assetOf(at, `beside-${wanted.sha256}-passport.jsonl`);
    under.github.state.releases.complete(asset, Buffer.alloc(2 ** 26 + 1));
    await expect(open().companion(at.model, at.digest, wanted)).rejects.toMatchObject({
      reasonCode: 'evidence-mismatch',
      message: expect.stringContaining('it has 67108865 bytes'),
    });
  });

  test('say the YAML that gives the right', async () => {
    under.github.state.permit({ contents: 'read' });
    await expect(putIt()).rejects.toMatchObject({
      reasonCode: 'no-permission',
      message: expect.stringContaining('permissions:\n  contents: write\n'),
    });
  });

  test('take no file of 2 GiB: nothing is sent', async () => {
    await truncate(modelPath, 2 ** 31);
    await expect(putIt()).rejects.toMatchObject({
      reasonCode: 'bad-input',
      message: expect.stringMatching(/"model\.bin" has 2\.1 GB .*below 2 GiB.*s3:/),
    });
    expect(under.github.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test.each([
    ['release:', {}, /GITHUB_REPOSITORY, which is not set/],
    ['release:flights', {}, /owner\/name/],
    ['release:../flights', {}, /owner\/name/],
    [
      'release:',
      { GITHUB_REPOSITORY: 'acme/flights', GITHUB_API_URL: 'https://codeberg.org/api/v1' },
      /not GitHub/,
    ],
  ])('of %p with %j are none', (uri, env, says) => {
    expect(() => openAt({ uri, env }, { log: silentLog })).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config', message: expect.stringMatching(says) }),
    );
  });
});
