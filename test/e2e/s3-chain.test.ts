import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { ROOT, runStep, type StepResult } from '@sluice/testing/action.ts';
import { startProxy } from '@sluice/testing/mlflow/proxy.ts';
import { PYTHON } from '@sluice/testing/mlflow/server.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';
import { runBlock, shellBlocks } from '@sluice/testing/shell-blocks.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';

const CONFIG = `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 's3://\${BUCKET}/team a/models' }
environments:
  production: { target: { type: directory, path: '\${SERVED}' } }
`;

let s3: S3Server;
let project: Project;
beforeAll(async () => {
  s3 = await startS3();
  await s3.makeBucket('models');
  await s3.makeBucket('forgetful', 'plain');
});
afterAll(() => s3?.stop());
beforeEach(async () => {
  project = await startProject(CONFIG);
});
afterEach(() => project.repository.remove());

type Env = Readonly<Record<string, string>>;

const envOf = (more: Env = {}): Env => ({
  ...s3.env,
  BUCKET: 'models',
  SERVED: path.join(project.repository.root, 'served'),
  ...more,
});
const register = (more: Env = {}): Promise<StepResult> => project.register({}, { env: envOf(more) });
const deploy = (more: Env = {}): Promise<StepResult> =>
  runStep('deploy', {
    workspace: project.repository.workspace,
    inputs: { environment: 'production' },
    env: envOf(more),
  });
const errorOf = ({ annotations }: StepResult): string =>
  annotations.find(({ level }) => level === 'error')?.message ?? '';

/** Keys of everything that belongs to a model. */
async function keysOf(digest: string, Bucket = 'models'): Promise<string[]> {
  const Prefix = `team a/models/flight-delay/sha256/${digest}/`;
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key);
}

test('a model is registered in S3 and deployed from there, in exactly the versions that were stored', async () => {
  const digest = await project.train('weights of the first');
  const registered = await register();
  const uri = `s3://models/team a/models/flight-delay/sha256/${digest}`;
  expect(registered.outputs).toMatchObject({ version: 'v1.0.0', created: 'true', uri });
  expect(registered.summary).toContain(uri);
  const ids = registered.result['version-ids'] as Record<string, string>;
  const keys = await keysOf(digest);
  expect(Object.keys(ids).sort()).toEqual(keys.filter((key) => !key.endsWith('/entry.json')).sort());
  expect(registered.stdout).toMatch(/Storing flight-delay sha256:\w{12}: \d+ B in [\d.]+ s/);
  expect(registered.annotations.filter(({ level }) => level === 'warning')).toEqual([]);

  // Whoever may write to the bucket overwrites one file and deletes another.
  const [info, weights] = keys.filter((key) => key.includes('/model/')).sort();
  await s3.client.send(new PutObjectCommand({ Bucket: 'models', Key: weights, Body: Buffer.from('evil') }));
  await s3.client.send(new DeleteObjectCommand({ Bucket: 'models', Key: info }));
  const deployed = await deploy();
  expect(deployed.outputs).toMatchObject({ version: 'v1.0.0', 'reason-code': 'not-verified' });
  const served = path.join(project.repository.root, 'served/current/model');
  expect(await readFile(path.join(served, 'weights'), 'utf8')).toBe('weights of the first');
  expect((await readdir(served)).sort()).toEqual(['meta', 'weights']);
});

test('a model comes from S3 with fetch-model, and with the lines of docs/consume.md', async () => {
  const digest = await project.train('weights that somebody consumes');
  await register();
  expect((await deploy()).outputs).toMatchObject({ version: 'v1.0.0', 'reason-code': 'not-verified' });
  const { workspace } = project.repository;
  const fetched = await runStep('fetch-model', {
    workspace,
    inputs: { environment: 'production', path: 'fetched' },
    env: envOf(),
  });
  expect(fetched.outputs).toMatchObject({ 'reason-code': 'ok', 'model-digest': digest });

  const [block = ''] = (await shellBlocks('docs/consume.md')).get('S3') ?? [];
  const env = {
    ...envOf(),
    STORE: 's3://models/team a/models',
    MODEL: 'flight-delay',
    ENVIRONMENT: 'production',
  };
  expect(await runBlock(block, { cwd: workspace, env })).toMatchObject({ code: 0, stdout: '-: OK\n' });
  for (const folder of ['fetched', 'model'])
    expect(await readFile(path.join(workspace, folder, 'weights'), 'utf8')).toBe(
      'weights that somebody consumes',
    );
});

test('a version that is gone for good is refused with its key', async () => {
  await project.train('weights of the second');
  const registered = await register();
  const ids = registered.result['version-ids'] as Record<string, string>;
  const [Key = '', VersionId] = Object.entries(ids).find(([key]) => key.endsWith('/weights')) ?? [];
  await s3.client.send(new DeleteObjectCommand({ Bucket: 'models', Key, VersionId }));
  const deployed = await deploy();
  expect(deployed.outputs).toMatchObject({ decision: 'fail', 'reason-code': 'evidence-mismatch' });
  expect(errorOf(deployed)).toContain(Key);
});

test('the same bytes again are registered already, and sent nowhere', async () => {
  const digest = await project.train('weights of the third');
  await register();
  const before = await keysOf(digest);
  const again = await register();
  expect(again.outputs).toMatchObject({ version: 'v1.0.0', 'reason-code': 'already-registered' });
  expect(await keysOf(digest)).toEqual(before);
});

test('a bucket without versioning is a warning that says what is lost', async () => {
  await project.train('weights of the fourth');
  const registered = await register({ BUCKET: 'forgetful' });
  expect(registered.outputs).toMatchObject({ version: 'v1.0.0', created: 'true' });
  expect(registered.result).not.toHaveProperty('version-ids');
  expect(registered.annotations).toEqual([
    expect.objectContaining({
      level: 'warning',
      message: expect.stringMatching(/'forgetful' has no versioning.*the bytes are gone.*Status=Enabled/s),
    }),
  ]);
  expect((await deploy({ BUCKET: 'forgetful' })).outputs).toMatchObject({ 'reason-code': 'not-verified' });
});

/** Nor does the machine that the test runs on have any. */
const NO_CREDENTIALS: Env = {
  AWS_ACCESS_KEY_ID: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  AWS_CONFIG_FILE: '/nonexistent',
};

test.each<[string, Env, string, RegExp]>([
  [
    'no credentials',
    NO_CREDENTIALS,
    'no-permission',
    /no credentials.*id-token: write.*configure-aws-credentials/s,
  ],
  ['an unknown key', { AWS_ACCESS_KEY_ID: 'nobody' }, 'no-permission', /AWS_ACCESS_KEY_ID/],
  ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong-secret' }, 'no-permission', /secret does not fit/],
  ['another region', { AWS_REGION: 'eu-west-1' }, 'bad-config', /another region.*AWS_REGION/],
  ['a missing bucket', { BUCKET: 'no-such-bucket' }, 'bad-config', /'no-such-bucket' does not exist/],
  ['a bad name', { BUCKET: 'No_Bucket' }, 'bad-config', /'No_Bucket' is no name of a bucket/],
  [
    'nobody there',
    { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' },
    'service-unavailable',
    /ECONNREFUSED.*AWS_ENDPOINT_URL_S3/s,
  ],
  [
    'no address',
    { AWS_ENDPOINT_URL_S3: 'localhost:9000' },
    'bad-config',
    /AWS_ENDPOINT_URL_S3 is no address/,
  ],
])('%s: says what to do, and registers nothing', async (_what, env, reason, says) => {
  await project.train('weights of the fifth');
  const step = await register(env);
  expect(step.outputs['reason-code']).toBe(reason);
  expect(errorOf(step)).toMatch(says);
  expect(step.stdout.split('\n').filter((line) => line.includes('wrong-secret'))).toEqual(
    env['AWS_SECRET_ACCESS_KEY'] === undefined ? [] : ['::add-mask::wrong-secret'],
  );
  expect(await project.repository.tags()).toEqual([]);
});

test('a server with an authority of its own is trusted when that is named, and only then', async () => {
  const { root } = project.repository;
  await promisify(execFile)(PYTHON, [path.join(ROOT, 'packages/testing/certificates.py'), root]);
  const pem = await readFile(path.join(root, 'server.pem'), 'utf8');
  const secure = await startProxy(s3.url, 'as asked', { cert: pem, key: pem });
  await project.train('weights of the eighth');
  const refused = await register({ AWS_ENDPOINT_URL_S3: secure.url });
  expect(refused.outputs['reason-code']).toBe('service-unavailable');
  expect(errorOf(refused)).toMatch(/certificate is not trusted.*AWS_CA_BUNDLE/);
  const AWS_CA_BUNDLE = path.join(root, 'authority.pem');
  const trusted = await register({ AWS_ENDPOINT_URL_S3: secure.url, AWS_CA_BUNDLE });
  expect(trusted.outputs).toMatchObject({ version: 'v1.0.0', created: 'true' });
  await secure.close();
});

test('a workflow signs in by its identity alone, and what it gets for that is masked', async () => {
  const root = project.repository.root;
  const token = path.join(root, 'token');
  await writeFile(token, 'a.web.identity');
  const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: secret = '' } = s3.env;
  const sts = await startTokenService(id, secret);
  await project.train('weights of the seventh');
  const step = await register({
    ...NO_CREDENTIALS,
    AWS_SECRET_ACCESS_KEY: '',
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/models',
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_ENDPOINT_URL_STS: sts.url,
  });
  await sts.close();
  expect(step.outputs).toMatchObject({ version: 'v1.0.0', created: 'true' });
  expect(sts.asked).toEqual([expect.stringMatching(/Action=AssumeRoleWithWebIdentity.*a\.web\.identity/s)]);
  expect(step.stdout.split('\n').filter((line) => line.includes(secret))).toEqual([`::add-mask::${secret}`]);
});

/** What the token service of AWS answers, for a role whose keys the S3 server knows; that server takes no session tokens. */
async function startTokenService(
  id: string,
  secret: string,
): Promise<{ url: string; asked: string[]; close(): Promise<void> }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(body);
      response.setHeader('content-type', 'text/xml');
      response.end(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Credentials>
      <AccessKeyId>${id}</AccessKeyId>
      <SecretAccessKey>${secret}</SecretAccessKey>
      <Expiration>2099-01-01T00:00:00Z</Expiration>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('kms-key-id without aws:kms is a mistake in sluice.yaml', async () => {
  await project.train('weights of the sixth');
  await project.repository.write({
    'sluice.yaml': CONFIG.replace("models' }", "models', sse: AES256, kms-key-id: alias/models }"),
  });
  const step = await register();
  expect(step.outputs['reason-code']).toBe('bad-config');
  expect(errorOf(step)).toContain("registry.kms-key-id is 'alias/models', but registry.sse is 'AES256'");
});
