import { isTrustedOrigin } from '../action/trusted-origins.ts';
import { MlflowRefusal } from './answer.ts';

/** Where a file is to be put, as the server says. */
export interface UploadAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The storages that MLflow signs addresses of. Each is reached over https alone, and asks for a signature. */
const CLOUDS = [
  /(?:^|\.)s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/,
  /(?:^|\.)storage\.googleapis\.com$/,
  /\.(?:blob|dfs)\.core\.windows\.net$/,
  /\.r2\.cloudflarestorage\.com$/,
];
/** Variables in which a job names the server of its S3. */
const ENDPOINTS = ['MLFLOW_S3_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'];

/** Headers that MLflow binds a signature of one of these storages to (mlflow/store/artifact/s3_artifact_repo.py). Others could sign in elsewhere, or mean something to another server. */
const HEADERS = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-type',
  'expires',
  'x-amz-acl',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc32c',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha1',
  'x-amz-checksum-sha256',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write-acp',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-request-payer',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-server-side-encryption-context',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-server-side-encryption-customer-key-md5',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
  'x-goog-encryption-kms-key-name',
  'x-goog-storage-class',
  'x-ms-blob-content-type',
  'x-ms-blob-type',
  'x-ms-encryption-scope',
  'x-ms-version',
]);

/** Whether a file of the model may be sent to an address that the server at `server` chose. */
export function isUploadAddress(address: string, server: string, env: Readonly<NodeJS.ProcessEnv>): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname, port, username, password } = new URL(address);
  if (username !== '' || password !== '') return false;
  const isCloud = protocol === 'https:' && port === '' && CLOUDS.some((cloud) => cloud.test(hostname));
  return isCloud || isTrustedOrigin(address, [server, ...ENDPOINTS.map((name) => env[name])], env);
}

/**
 * Holds an address that the server chose against what the team allows: it could make the runner send the model, with headers of
 * its choice, to any machine that the runner reaches. The address is a secret, and stays out of messages but for its origin.
 */
export function requireUploadAddress(
  { url, headers }: UploadAddress,
  allows: (address: string) => boolean,
  server: string,
): void {
  const origin = URL.canParse(url) ? new URL(url).origin : 'no address';
  if (!allows(url)) {
    throw new MlflowRefusal(
      'service-unavailable',
      '',
      `MLflow at ${server} wants a file of the model sent to ${origin}, which is neither that server nor S3, Google's, Azure's or Cloudflare's storage over https, so nothing was sent. If it is the team's storage, set SLUICE_TRUSTED_ORIGINS, MLFLOW_S3_ENDPOINT_URL or AWS_ENDPOINT_URL_S3 to ${origin} in the env of the step.`,
    );
  }
  const foreign = Object.keys(headers).filter((name) => !HEADERS.has(name.toLowerCase()));
  if (foreign.length === 0) return;
  throw new MlflowRefusal(
    'service-unavailable',
    '',
    `MLflow at ${server} wants the header ${JSON.stringify(foreign[0]?.slice(0, 100))} sent to ${origin}. Allowed are those that storages sign, such as content-type and x-amz-server-side-encryption; look at that server.`,
  );
}
