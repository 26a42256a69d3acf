import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../action.ts';
import { startServer, type StartedServer } from '../mlflow/server.ts';

/** The S3 server that `npm run test:e2e` installs. */
export const VERSITYGW = path.join(ROOT, '.cache/e2e/bin/versitygw');

/** An S3 server that a test started. */
export interface S3Server extends StartedServer {
  /** What a step needs in its environment to reach it. */
  readonly env: Readonly<Record<string, string>>;
  /** The SDK's own client, with none of our code between. */
  readonly client: S3Client;
  /** Makes a bucket; versioning is on unless said otherwise. */
  makeBucket(name: string, kind?: 'versioned' | 'plain' | 'locked'): Promise<void>;
  /** Makes a user, who may do nothing unless a bucket's policy says so; returns what a step signs in with. */
  makeUser(name: string): Promise<Readonly<Record<string, string>>>;
}

const SECRET = 'the-secret-of-the-tests';

/** Starts a real S3 server (versitygw on a folder) that knows versions, object lock, checksums and users. */
export async function startS3(): Promise<S3Server> {
  const server = await startServer(
    's3',
    (port, folder) => [
      VERSITYGW,
      ...['--access', 'tester', '--secret', SECRET, '--port', `127.0.0.1:${port}`],
      ...['--health', '/health', '--keep-alive', '--quiet', '--iam-dir', path.join(folder, 'iam')],
      ...['posix', '--versioning-dir', path.join(folder, 'versions'), path.join(folder, 'data')],
    ],
    '/health',
    {},
    async (folder) => {
      for (const name of ['data', 'versions', 'iam']) await mkdir(path.join(folder, name));
    },
  );
  const client = new S3Client({
    endpoint: server.url,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: { accessKeyId: 'tester', secretAccessKey: SECRET },
  });
  return {
    ...server,
    client,
    env: {
      AWS_ACCESS_KEY_ID: 'tester',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: server.url,
    },
    async makeBucket(name, kind = 'versioned') {
      await client.send(
        new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: kind === 'locked' }),
      );
      if (kind !== 'versioned') return;
      const on = { Bucket: name, VersioningConfiguration: { Status: 'Enabled' } } as const;
      await client.send(new PutBucketVersioningCommand(on));
    },
    async makeUser(name) {
      const secret = `the-secret-of-${name}`;
      const admin = ['--access', 'tester', '--secret', SECRET, '--endpoint-url', server.url];
      const user = ['--access', name, '--secret', secret, '--role', 'user'];
      await promisify(execFile)(VERSITYGW, ['admin', ...admin, 'create-user', ...user]);
      return { AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: secret };
    },
  };
}
