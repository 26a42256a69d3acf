import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { dvcRepository, type DvcRepository } from '@sluice/testing/dvc/dvc.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';

const CSV = 'id\n1\n2\n';
const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: ids
version: 1.0.0
status: active
schema:
  - name: ids
    properties: [{ name: id, logicalType: integer, required: true }]
`;

let s3: S3Server;
let keys: Readonly<Record<string, string>>;
beforeAll(async () => {
  s3 = await startS3();
  const named = Object.entries(s3.env).filter(([name]) => name !== 'AWS_ENDPOINT_URL_S3');
  keys = { ...Object.fromEntries(named), SLUICE_TRUSTED_ORIGINS: s3.url };
  await s3.makeBucket('dvc-data');
  await s3.makeBucket('dvc-source');
});
afterAll(() => s3?.stop());

/** A repository whose default remote is in S3; where the server is, only its configuration says. */
async function project(url: string): Promise<DvcRepository> {
  const repository = await dvcRepository('dvc-s3', { ...keys, AWS_ENDPOINT_URL: s3.url });
  await repository.dvc('remote', 'add', '-q', '-d', 'cloud', url);
  await repository.dvc('remote', 'modify', '-q', '--local', 'cloud', 'endpointurl', s3.url);
  await repository.write({ 'contract.odcs.yaml': CONTRACT });
  return repository;
}

async function validate({ root }: DvcRepository, data: string, env = keys): Promise<StepResult> {
  return runStep('validate-data', { workspace: root, inputs: { data, contract: 'contract.odcs.yaml' }, env });
}

async function forget({ root }: DvcRepository, ...names: string[]): Promise<void> {
  for (const name of [...names, '.dvc/cache']) await rm(path.join(root, name), { recursive: true });
}

const verdict = (step: StepResult): unknown[] => [
  step.code,
  step.outputs['reason-code'],
  (step.result['checks'] as { pulled: number }[] | undefined)?.map(({ pulled }) => pulled),
];
const put = (key: string, body: string): Promise<unknown> =>
  s3.client.send(new PutObjectCommand({ Bucket: 'dvc-source', Key: key, Body: body }));

// That many files are digested by threads.
test('files and folders are pulled from S3 into cache and workspace, as DVC expects them there', async () => {
  const repository = await project('s3://dvc-data/team/store');
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`many/${i} é.csv`, `id\n${i}\n`]));
  await repository.write({ 'one.csv': CSV, ...many });
  await repository.dvc('add', '-q', 'one.csv', 'many');
  await repository.dvc('push', '-q');
  await forget(repository, 'one.csv', 'many');
  const pulled = await validate(repository, 'one.csv\nmany/*.csv');
  expect([verdict(pulled), pulled.stdout]).toEqual([
    [0, 'ok', [1, 250]],
    expect.stringContaining("from the DVC remote 'cloud'"),
  ]);
  expect(await repository.dvc('status')).toContain('up to date');
  await forget(repository, 'one.csv', 'many');
  const refused = await validate(repository, 'one.csv', { ...keys, AWS_SECRET_ACCESS_KEY: 'wrong' });
  expect([refused.code, refused.outputs['reason-code']]).toEqual([1, 'no-permission']);
});

test('an import is read by the version that DVC recorded, whatever lies there now', async () => {
  await put('one.csv', CSV);
  await put('folder/a.csv', CSV);
  await put('folder/deep/b.csv', CSV);
  const repository = await project('s3://dvc-data/imports');
  await repository.dvc('remote', 'add', '-q', 'source', 's3://dvc-source');
  await repository.dvc('remote', 'modify', '-q', '--local', 'source', 'endpointurl', s3.url);
  await repository.dvc('import-url', '-q', '--version-aware', 'remote://source/one.csv', 'one.csv');
  await repository.dvc('import-url', '-q', '--version-aware', 'remote://source/folder', 'folder');
  await repository.dvc('import-url', '-q', '--version-aware', 's3://dvc-source/one.csv', 'direct.csv');
  await put('one.csv', 'id\nbroken\n');
  await put('folder/a.csv', 'id\nbroken\n');
  await forget(repository, 'one.csv', 'direct.csv', 'folder');
  const pulled = await validate(repository, 'one.csv\nfolder/**/*.csv');
  expect([verdict(pulled), pulled.stdout]).toEqual([[0, 'ok', [1, 2]], expect.anything()]);
  const direct = await validate(repository, 'direct.csv', s3.env);
  expect([verdict(direct), direct.stdout]).toEqual([[0, 'ok', [1]], expect.anything()]);
  await writeFile(path.join(repository.root, 'folder/a.csv'), 'id\n9\n');
  const changed = await validate(repository, 'folder/**/*.csv');
  expect([changed.code, changed.outputs['reason-code']]).toEqual([1, 'digest-mismatch']);
});

test('what was pushed to a remote with cloud versioning is read by version', async () => {
  const repository = await project('s3://dvc-data/versions');
  await repository.dvc('remote', 'modify', '-q', 'cloud', 'version_aware', 'true');
  await repository.write({ 'sub/one.csv': CSV, 'sub/folder/a.csv': CSV, 'sub/folder/b.csv': CSV });
  await repository.dvc('add', '-q', 'sub/one.csv', 'sub/folder');
  await repository.dvc('push', '-q');
  await forget(repository, 'sub/one.csv', 'sub/folder');
  const pulled = await validate(repository, 'sub/one.csv\nsub/folder/*.csv');
  expect([verdict(pulled), pulled.stdout]).toEqual([[0, 'ok', [1, 2]], expect.anything()]);
});
