import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import * as path from 'node:path';
import { sha256, sha256File } from '@sluice/core/digest/files.ts';
import { openS3, type Encryption } from '@sluice/core/s3/connection.ts';
import { downloadObject, type DownloadRequest } from '@sluice/core/s3/download.ts';
import { bucketVersioning, headObject, listObjects, listVersions } from '@sluice/core/s3/objects.ts';
import { uploadFile, uploadText } from '@sluice/core/s3/upload.ts';
import { startRelay, type CuttingRelay } from '@sluice/testing/cutter.ts';
import { startProxy, type FaultyProxy } from '@sluice/testing/mlflow/proxy.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

const MIB = 1 << 20;
const Bucket = 'transfers';

let server: S3Server;
let relay: CuttingRelay;
let proxy: FaultyProxy;
let folder: string;
let large: { file: string; bytes: number; sha256: string };
beforeAll(async () => {
  server = await startS3();
  relay = await startRelay(server.url);
  proxy = await startProxy(server.url, 'as asked');
  await server.makeBucket(Bucket);
  folder = await temporaryFolder('s3-transfer');
  const file = path.join(folder, 'large.bin');
  await writeFile(file, randomBytes(40 * MIB + 7));
  large = { file, bytes: 40 * MIB + 7, sha256: await sha256File(file) };
});
afterAll(async () => {
  await relay?.close();
  await proxy?.close();
  await server?.stop();
});
beforeEach(() => proxy.clear());

let count = 0;
const fresh = (): { bucket: string; key: string } => ({ bucket: Bucket, key: `object ${++count}` });
const open = (url = server.url, more: { signal?: AbortSignal; encryption?: Encryption } = {}) =>
  openS3({ env: { ...server.env, AWS_ENDPOINT_URL_S3: url }, ...more });

async function download(id: DownloadRequest, url?: string) {
  const file = path.join(folder, `down ${++count}`);
  return { file, done: await downloadObject(open(url), { ...id, md5: true }, file) };
}

test('a large file goes up in parts and comes back as it was, whatever breaks on the way', async () => {
  for (const bytes of [0, 1, 8 * MIB - 1, 8 * MIB + 1000, 40 * MIB]) {
    const to = fresh();
    relay.cut('up', bytes);
    expect(await uploadFile(open(relay.url), to, large)).toMatchObject({ created: true, bytes: large.bytes });
    relay.cut('down', bytes);
    const { file, done } = await download(to, relay.url);
    const md5 = createHash('md5')
      .update(await readFile(large.file))
      .digest('hex');
    expect(done).toMatchObject({ sha256: large.sha256, md5, bytes: large.bytes });
    expect(await sha256File(file)).toBe(large.sha256);
  }
});

test('an upload that broke off is taken up: parts that are there are not sent again', async () => {
  const to = fresh();
  const controller = new AbortController();
  const broken = uploadFile(open(relay.url, { signal: controller.signal }), to, {
    ...large,
    onBytes: () => controller.abort(new Error('the runner was shut down')),
  });
  await expect(broken).rejects.toThrow('the runner was shut down');
  expect(await headObject(open(), to)).toBeUndefined();
  const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket }));
  const [upload] = Uploads.filter(({ Key }) => Key === to.key);
  const { Parts = [] } = await server.client.send(
    new ListPartsCommand({ Bucket, Key: to.key, UploadId: upload?.UploadId }),
  );
  const there = Parts.reduce((sum, { Size }) => sum + (Size ?? 0), 0);
  expect(there).toBeGreaterThan(0);
  // What the broken upload had handed over already still goes through the relay.
  const before = await atRest(() => relay.moved('up'));
  await uploadFile(open(relay.url), to, large);
  expect(relay.moved('up') - before).toBeLessThan(large.bytes - there + MIB);
  expect((await download(to)).done.sha256).toBe(large.sha256);
});

/** The value when it has been the same ten times in a row. */
async function atRest(value: () => number): Promise<number> {
  for (let last = value(), same = 0; ;) {
    await setTimeout(100);
    const now = value();
    same = now === last ? same + 1 : 0;
    if (same === 10) return now;
    last = now;
  }
}

test("somebody else's part in an upload that broke off is not adopted", async () => {
  const { key: Key } = fresh();
  const begun = new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'SHA256' });
  const { UploadId } = await server.client.send(begun);
  const Body = randomBytes(8 * MIB);
  await server.client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body, ChecksumAlgorithm: 'SHA256' }),
  );
  await uploadFile(open(), { bucket: Bucket, key: Key }, large);
  expect((await download({ bucket: Bucket, key: Key })).done.sha256).toBe(large.sha256);
});

test('a file that changes while it goes up is refused, and nothing is there', async () => {
  const to = fresh();
  const file = path.join(folder, 'changing');
  await writeFile(file, randomBytes(20 * MIB));
  const source = { file, bytes: 20 * MIB, sha256: sha256('other bytes') };
  const refusal = { reasonCode: 'evidence-mismatch', message: expect.stringContaining(file) };
  await expect(uploadFile(open(), to, source)).rejects.toMatchObject(refusal);
  await expect(uploadFile(open(), to, { ...source, bytes: MIB })).rejects.toMatchObject(refusal);
  expect(await headObject(open(), to)).toBeUndefined();
  const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket }));
  expect(Uploads.filter(({ Key }) => Key === to.key)).toEqual([]);
});

test('an answer that is lost is no second object, and a server that is asked too much is asked again', async () => {
  const small = fresh();
  const s3 = open(proxy.url);
  proxy.fail(/^PUT .*object/, { kind: 'lose-answer' });
  await uploadText(s3, small, 'hello');
  const parts = fresh();
  proxy.fail(/^POST .*uploadId/, { kind: 'lose-answer' });
  await uploadFile(s3, parts, large);
  const slow = fresh();
  const body = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';
  proxy.fail(/^PUT .*object/, { kind: 'answer', status: 503, type: 'application/xml', body }, 2);
  await uploadText(s3, slow, 'hello');
  for (const { key } of [small, parts, slow])
    expect((await listVersions(s3, { bucket: Bucket, key })).filter((one) => one.key === key)).toHaveLength(
      1,
    );
});

test('nothing is overwritten: another object with that key is named', async () => {
  const to = fresh();
  await uploadText(open(), to, 'one');
  await expect(uploadText(open(), to, 'two')).rejects.toMatchObject({
    reasonCode: 'evidence-mismatch',
    message: expect.stringContaining(`s3://${Bucket}/${to.key}`),
  });
  expect(await uploadText(open(), to, 'one')).toMatchObject({ created: false });
  const parts = fresh();
  await uploadFile(open(), parts, large);
  const before = relay.moved('up');
  expect(await uploadFile(open(relay.url), parts, large)).toMatchObject({ created: false });
  expect(relay.moved('up') - before).toBeLessThan(MIB);
});

test('an object of which the server keeps no checksum is read to compare it', async () => {
  const to = fresh();
  const put = (key: string, bytes: string) =>
    server.client.send(new PutObjectCommand({ Bucket, Key: key, Body: Buffer.from(bytes) }));
  await put(to.key, 'one');
  expect((await headObject(open(), to))?.sha256).toBeUndefined();
  expect(await uploadText(open(), to, 'one')).toMatchObject({ created: false });
  await expect(uploadText(open(), to, 'two')).rejects.toMatchObject({ reasonCode: 'evidence-mismatch' });
});

test('a download ends when the object is overwritten meanwhile in a bucket without versioning', async () => {
  await server.makeBucket('overwritten', 'plain');
  const to = { bucket: 'overwritten', key: 'large' };
  await uploadFile(open(), to, large);
  relay.cut('down', 20 * MIB);
  let overwritten: Promise<unknown> | undefined;
  const file = path.join(folder, 'torn');
  const body = { Bucket: to.bucket, Key: to.key, Body: randomBytes(40 * MIB + 7) };
  const onBytes = (): void => void (overwritten ??= server.client.send(new PutObjectCommand(body)));
  const end = downloadObject(open(relay.url), { ...to, onBytes }, file);
  await expect(end).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await overwritten;
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

test('what cannot be written to disk is said, with the file', async () => {
  const to = fresh();
  await uploadText(open(), to, 'hello');
  await expect(downloadObject(open(), to, '/dev/full/x')).rejects.toMatchObject({
    reasonCode: 'bad-input',
    message: expect.stringContaining("'/dev/full/x'"),
  });
  await expect(downloadObject(open(), to, '/sys/sluice')).rejects.toMatchObject({
    reasonCode: 'no-permission',
    message: expect.stringContaining("'/sys/sluice'"),
  });
});

test.each<[string, Encryption, Record<string, string>]>([
  ['AES256', { sse: 'AES256' }, { 'x-amz-server-side-encryption': 'AES256' }],
  [
    'aws:kms',
    { sse: 'aws:kms', kmsKeyId: 'alias/models' },
    {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/models',
    },
  ],
])('objects are made with %s, small and large', async (_name, encryption, headers) => {
  const s3 = open(proxy.url, { encryption });
  await uploadText(s3, fresh(), 'hello').catch(() => undefined);
  await uploadFile(s3, fresh(), large).catch(() => undefined);
  const made = proxy.seen.filter(({ call }) =>
    /^(PUT \S+object%20\d+\?x-id=PutObject|POST \S+uploads)/.test(call),
  );
  expect(made.map((one) => one.headers)).toEqual([
    expect.objectContaining(headers),
    expect.objectContaining(headers),
  ]);
});

test('a bucket with object lock takes objects, small and large, each with the checksum that AWS wants there', async () => {
  await server.makeBucket('locked', 'locked');
  const Rule = { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } as const;
  await server.client.send(
    new PutObjectLockConfigurationCommand({
      Bucket: 'locked',
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule },
    }),
  );
  const s3 = open(proxy.url);
  expect((await uploadText(s3, { bucket: 'locked', key: 'small' }, 'hello')).versionId).toEqual(
    expect.any(String),
  );
  expect((await uploadFile(s3, { bucket: 'locked', key: 'large' }, large)).versionId).toEqual(
    expect.any(String),
  );
  const bodies = proxy.seen.filter(({ call }) => call.startsWith('PUT '));
  expect(bodies.map(({ headers }) => headers['x-amz-checksum-sha256'])).toEqual(
    bodies.map(() => expect.stringMatching(/^[\w+/]{43}=$/)),
  );
  expect(bodies).toHaveLength(7);
});

test('a version stays readable after it was overwritten; listings say which is the latest', async () => {
  const { bucket, key } = fresh();
  const first = await uploadText(open(), { bucket, key }, 'one');
  await server.client.send(new PutObjectCommand({ Bucket, Key: key, Body: Buffer.from('two!') }));
  const { done } = await download({ bucket, key, versionId: first.versionId ?? '' });
  expect(done).toMatchObject({ sha256: sha256('one'), etag: first.etag, versionId: first.versionId });
  const versions = await listVersions(open(), { bucket, key });
  expect(versions.filter((one) => one.key === key).map(({ bytes, latest }) => [bytes, latest])).toEqual([
    [4, true],
    [3, false],
  ]);
});

test('listings have every key, however many and however named', async () => {
  const bucket = 'many-keys';
  await server.makeBucket(bucket, 'plain');
  expect(await bucketVersioning(open(), bucket)).toBe('never');
  expect(await bucketVersioning(open(), Bucket)).toBe('enabled');
  const odd = ['a b', 'a+b', 'a%20b', '-rf', 'ü/日本', "quote'", '&<>'];
  const names = [...odd, ...Array.from({ length: 1100 }, (_, i) => `n/${i}`)].map((name) => `p/${name}`);
  for (let i = 0; i < names.length; i += 50)
    await Promise.all(names.slice(i, i + 50).map((key) => uploadText(open(), { bucket, key }, '')));
  const listed = await listObjects(open(), { bucket, key: 'p/' });
  expect(listed.map(({ key }) => key).sort()).toEqual([...names].sort());
  const versions = await listVersions(open(), { bucket, key: 'p/' });
  expect(versions.map(({ key }) => key).sort()).toEqual([...names].sort());
});
