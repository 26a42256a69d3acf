import * as path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { ROOT } from '../action.ts';
import { startServer, type StartedServer } from '../mlflow/server.ts';

/** The S3 server that `npm run test:e2e` installs. */
export const VERSITYGW = path.join(ROOT, '.cache/e2e/bin/versitygw');

/** An S3 server that a test started. */
export interface S3Server extends StartedServer {
  /** What a step needs in its environment to reach it. */
  readonly env: Readonly<Record<string, string>>;
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
  return {
    ...server,
    env: {
      AWS_ACCESS_KEY_ID: 'tester',
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: server.url,
    },
  };
}
