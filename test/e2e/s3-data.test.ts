import { DeleteObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { chmod, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import {
  dataProject,
  deleteVersion,
  flights,
  put,
  schemaErrors,
  type DataProject,
} from '@sluice/testing/s3/data-project.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';

let s3: S3Server;
beforeAll(async () => {
  s3 = await startS3();
  await s3.makeBucket('data');
  await s3.makeBucket('plain', 'plain');
});
afterAll(() => s3?.stop());

let count = 0;

/** A project with data below a prefix of its own. */
async function fresh(bucket = 'data'): Promise<{ project: DataProject; prefix: string; pattern: string }> {
  const prefix = `test ${++count}`;
  const pattern = `s3://${bucket}/${prefix}/*.csv`;
  return { project: await dataProject(s3, `train: '${pattern}'`), prefix, pattern };
}

const pin = (project: DataProject): ReturnType<DataProject['run']> =>
  project.run('validate-data', { inputs: { 'write-lock': 'true' } });
const verdict = ({ outputs }: { outputs: Readonly<Record<string, string>> }): string[] =>
  ['decision', 'reason-code', 'rows'].flatMap((name) => outputs[name] ?? []);
const messageOf = ({ result }: { result: Readonly<Record<string, unknown>> }): string =>
  String(result['message']);

test('what is pinned is read, also after the bucket has moved on, and evidence says which version it was', async () => {
  const { project, prefix, pattern } = await fresh();
  const versions = [
    await put(s3, 'data', `${prefix}/a.csv`, flights(3)),
    await put(s3, 'data', `${prefix}/b.csv`, flights(4)),
  ];
  await put(s3, 'data', `${prefix}/`, '');
  expect(verdict(await pin(project))).toEqual(['pass', 'ok', '7']);
  const lock = await project.read('sluice.lock.yaml');
  expect(await schemaErrors('sluice.lock.schema.json', parse(lock))).toBeNull();
  const { data } = parse(lock) as { data: Record<string, { key: string; 'version-id': string }[]> };
  expect(data[pattern]?.map((entry) => [entry.key, entry['version-id']])).toEqual([
    [`${prefix}/a.csv`, versions[0]],
    [`${prefix}/b.csv`, versions[1]],
  ]);

  await put(s3, 'data', `${prefix}/a.csv`, flights(30));
  await put(s3, 'data', `${prefix}/new.csv`, flights(9));
  await s3.client.send(new DeleteObjectCommand({ Bucket: 'data', Key: `${prefix}/b.csv` }));
  await rm(path.join(project.workspace, '.sluice'), { recursive: true });
  const again = await project.run('validate-data');
  expect(verdict(again)).toEqual(['pass', 'ok', '7']);
  expect(again.summary).toContain('moved on since (1 new, 1 changed, 1 gone)');
  expect(await schemaErrors('validate-data.result.schema.json', again.result)).toBeNull();
  const [set] = again.result['data'] as { objects: unknown }[];
  const uri = `s3://data/test%20${count}/a.csv`;
  expect(set?.objects).toContainEqual(
    expect.objectContaining({ file: `.sluice/data/data/${prefix}/a.csv`, uri, 'version-id': versions[0] }),
  );
  const statement = JSON.parse(await readFile(again.outputs['evidence'] ?? '', 'utf8')) as {
    subject: object[];
  };
  expect(statement.subject[0]).toMatchObject({ uri, annotations: { 'version-id': versions[0] } });
  expect(await project.read('sluice.lock.yaml')).toBe(lock);

  expect(verdict(await pin(project))).toEqual(['pass', 'ok', '39']);
  expect(await readdir(path.join(project.workspace, '.sluice/data/data', prefix))).toEqual([
    'a.csv',
    'new.csv',
  ]);
});

test('the lock file is the same bytes where nothing has changed, and nothing is read twice', async () => {
  const { project, prefix } = await fresh();
  await put(s3, 'data', `${prefix}/a.csv`, flights(3));
  const first = await pin(project);
  const lock = await project.read('sluice.lock.yaml');
  const second = await pin(project);
  expect(await project.read('sluice.lock.yaml')).toBe(lock);
  expect(first.stdout).toContain('Reading 1 object(s) from S3');
  expect(second.stdout).not.toContain('Reading 1 object');
  expect(second.summary).toContain('no file changed');
});

const cacheOf = ({ workspace }: DataProject): string => path.join(workspace, '.sluice/cache/data');
const forget = ({ workspace }: DataProject): Promise<void> =>
  rm(path.join(workspace, '.sluice'), { recursive: true });

test('a pinned version that was deleted for good is a mismatch that names it, unless its bytes are still here', async () => {
  const { project, prefix } = await fresh();
  const version = await put(s3, 'data', `${prefix}/a.csv`, flights(3));
  await pin(project);
  await put(s3, 'data', `${prefix}/a.csv`, flights(4));
  await deleteVersion(s3, 'data', `${prefix}/a.csv`, version);
  expect(verdict(await project.run('validate-data'))).toEqual(['pass', 'ok', '3']);
  await forget(project);
  const step = await project.run('validate-data');
  expect(verdict(step)).toEqual(['fail', 'digest-mismatch']);
  expect(messageOf(step)).toContain(
    `s3://data/${prefix}/a.csv version ${version} is not in the bucket any more, but sluice.lock.yaml pins it (sha256:`,
  );
  expect(messageOf(step)).toContain("'write-lock: true'");
  expect(await readdir(cacheOf(project))).toEqual([]);
  expect(verdict(await pin(project))).toEqual(['pass', 'ok', '4']);
});

test('bytes that are not the pinned ones are a mismatch; damaged ones in the cache are read again', async () => {
  const { project, prefix } = await fresh();
  await put(s3, 'data', `${prefix}/a.csv`, flights(3));
  await put(s3, 'data', `${prefix}/b.csv`, flights(4));
  await pin(project);
  for (const name of await readdir(cacheOf(project))) {
    await chmod(path.join(cacheOf(project), name), 0o644);
    await writeFile(path.join(cacheOf(project), name), 'damaged');
  }
  expect(verdict(await project.run('validate-data'))).toEqual(['pass', 'ok', '7']);

  const lock = await project.read('sluice.lock.yaml');
  await project.write('sluice.lock.yaml', lock.replace(/sha256: [0-9a-f]{8}/, 'sha256: 00000000'));
  const step = await project.run('validate-data');
  expect(verdict(step)).toEqual(['fail', 'digest-mismatch']);
  expect(messageOf(step)).toMatch(
    /a\.csv version \S+ has sha256:[0-9a-f]{64}, but sluice\.lock\.yaml pins sha256:00000000/,
  );
  expect(messageOf(step)).not.toContain('b.csv');
});

test('a bucket without versioning is a warning, and an overwritten object a mismatch', async () => {
  const { project, prefix } = await fresh('plain');
  await put(s3, 'plain', `${prefix}/a.csv`, flights(3));
  const first = await pin(project);
  expect(verdict(first)).toEqual(['pass', 'ok', '3']);
  expect(await project.read('sluice.lock.yaml')).not.toContain('version-id');
  const [warning] = first.annotations.filter(({ level }) => level === 'warning');
  expect(warning?.message).toContain("The bucket 'plain' keeps no versions.");
  expect(warning?.message).toContain('cannot be read again');
  expect(first.summary).toContain('keeps no versions');
  for (const [other, has] of [
    [flights(3).toUpperCase(), 'sha256:'],
    [flights(4), `more than its ${flights(3).length} bytes`],
  ] as const) {
    await put(s3, 'plain', `${prefix}/a.csv`, other);
    await forget(project);
    const step = await project.run('validate-data');
    expect(verdict(step)).toEqual(['fail', 'digest-mismatch']);
    expect(messageOf(step)).toContain(`s3://plain/${prefix}/a.csv was overwritten: it has ${has}`);
  }
});

test('who may only read objects reads what is pinned, and is told what is missing for the rest', async () => {
  const { project, prefix } = await fresh();
  await put(s3, 'data', `${prefix}/a.csv`, flights(3));
  await pin(project);
  await forget(project);
  const env = await s3.makeUser('reader');
  const nothing = await project.run('validate-data', { env });
  expect(verdict(nothing)).toEqual(['error', 'no-permission']);
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: ['reader'] },
    Action: ['s3:GetObject', 's3:GetObjectVersion'],
    Resource: ['arn:aws:s3:::data/*'],
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await s3.client.send(new PutBucketPolicyCommand({ Bucket: 'data', Policy }));
  const pinned = await project.run('validate-data', { env });
  expect(verdict(pinned)).toEqual(['pass', 'ok', '3']);
  expect(pinned.summary).toContain('Whether the bucket has moved on is not known.');
  await rm(path.join(project.workspace, 'sluice.lock.yaml'));
  const unpinned = await project.run('validate-data', { env });
  expect(verdict(unpinned)).toEqual(['error', 'no-permission']);
  expect(messageOf(unpinned)).toContain('s3:ListBucket');
});

test.each([
  ['matches no object', [], ['error', 'missing-file'], 'matches no object that is in the bucket now'],
  ['has keys that are one file elsewhere', ['A.csv', 'a.csv'], ['error', 'bad-input'], 'A.csv'],
  ['has a key with a backslash', ['..\\a.csv'], ['error', 'bad-input'], 'it holds a backslash'],
])('a pattern that %s is refused, and nothing is written', async (_, names, expected, text) => {
  const { project, prefix } = await fresh();
  for (const name of names) await put(s3, 'data', `${prefix}/${name}`, flights(3));
  const step = await pin(project);
  expect(verdict(step)).toEqual(expected);
  expect(messageOf(step)).toContain(text);
  expect(await readdir(project.workspace)).not.toContain('sluice.lock.yaml');
});

test('a pattern that the lock file does not know is refused, and write-lock adds it without losing the others', async () => {
  const { project, prefix, pattern } = await fresh();
  await put(s3, 'data', `${prefix}/a.csv`, flights(3));
  await put(s3, 'data', `${prefix}/other/b.csv`, flights(4));
  await pin(project);
  const other = `s3://data/${prefix}/other/*.csv`;
  const refused = await project.run('validate-data', { inputs: { data: other } });
  expect(verdict(refused)).toEqual(['error', 'bad-config']);
  expect(messageOf(refused)).toContain(`sluice.lock.yaml has no entry for '${other}'`);
  await project.run('validate-data', { inputs: { data: other, 'write-lock': 'true' } });
  const { data } = parse(await project.read('sluice.lock.yaml')) as { data: object };
  expect(Object.keys(data)).toEqual([pattern, other].sort());
});

test('a step that is cancelled while it reads leaves nothing half written', async () => {
  const { project, prefix } = await fresh();
  await put(s3, 'data', `${prefix}/large.csv`, Buffer.alloc(128 << 20, 'a'));
  const begun = async (): Promise<void> => {
    for (;;) {
      const names = await readdir(cacheOf(project)).catch(() => []);
      if (names.some((name) => name.startsWith('.partial-'))) return;
      await sleep(2);
    }
  };
  const step = await project.run('validate-data', { kill: { signal: 'SIGTERM', after: begun() } });
  expect(verdict(step)).toEqual(['error', 'cancelled']);
  expect(await readdir(cacheOf(project))).toEqual([]);
  expect(await readdir(path.join(project.workspace, '.sluice'))).toEqual(['cache']);
});
