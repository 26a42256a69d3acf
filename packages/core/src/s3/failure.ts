import { UserError, errorCode, errorMessage, isUserError } from '../action/errors.ts';
import { LongAnswerError } from './answers.ts';
import { formatS3Uri } from './location.ts';

/** Calls of S3's interface that are made here. */
export type S3Action =
  | 'GetObject'
  | 'HeadObject'
  | 'HeadBucket'
  | 'ListObjectsV2'
  | 'ListObjectVersions'
  | 'GetBucketVersioning'
  | 'PutObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListMultipartUploads'
  | 'ListParts';

/** What was tried, for messages. */
export interface Attempt {
  readonly action: S3Action;
  readonly bucket: string;
  /** Key of the object, or what the keys begin with; empty for the bucket itself. */
  readonly key: string;
  readonly versionId?: string | undefined;
}

type S3Reason = 'no-permission' | 'service-unavailable' | 'bad-config' | 'missing-file';

/** A refusal of S3, or no answer from it. `code` is S3's own name of it, `status` that of HTTP, 0 without an answer. */
export class S3Failure extends UserError<S3Reason> {
  readonly code: string;
  readonly status: number;
  constructor(
    reasonCode: S3Reason,
    message: string,
    given: { code: string; status: number; cause: unknown },
  ) {
    super(reasonCode, message, { cause: given.cause });
    this.name = 'S3Failure';
    this.code = given.code;
    this.status = given.status;
  }

  /** Whether there is no such object, version, upload or bucket. */
  get isAbsent(): boolean {
    return this.status === 404;
  }

  /** Whether an object is not the one that was asked for: its ETag is another, or it is shorter. */
  get isOther(): boolean {
    return this.status === 412 || this.status === 416;
  }

  /** Whether an object was there already where none may be. */
  get isConflict(): boolean {
    return this.status === 412 || this.status === 409;
  }
}

/** Turns what the SDK threw into what to do about it. An error that is no failure of S3 comes back as it is. */
export function explainS3(error: unknown, attempt: Attempt, where: string): unknown {
  if (isUserError(error)) return error;
  const facts = factsOf(error);
  const advice =
    error instanceof LongAnswerError ? tooLong(error, attempt, where) : adviceOf(facts, attempt, where);
  if (advice === undefined) return error;
  return new S3Failure(advice.reason, advice.message, { ...facts, cause: error });
}

interface Facts {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

interface Advice {
  readonly reason: S3Reason;
  readonly message: string;
}

const NETWORK =
  /^(?:ECONN(?:REFUSED|RESET|ABORTED)|ENOTFOUND|EAI_AGAIN|EPIPE|E(?:NET|HOST)UNREACH|ETIMEDOUT|EPROTO|ERR_(?:TLS|SSL)_\w+|(?:UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_)\w*|HPE_\w+|ERR_STREAM_PREMATURE_CLOSE)$/;

function factsOf(error: unknown): Facts {
  const said = error as { name?: unknown; $metadata?: { httpStatusCode?: number } } | undefined;
  const network = errorCode(error instanceof AggregateError ? error.errors[0] : error);
  const name = typeof said?.name === 'string' ? said.name : '';
  return {
    code: network !== undefined && NETWORK.test(network) ? network : name,
    status: said?.$metadata?.httpStatusCode ?? 0,
    message: errorMessage(error instanceof AggregateError ? error.errors[0] : error).replace(/\s+/g, ' '),
  };
}

function adviceOf(facts: Facts, attempt: Attempt, where: string): Advice | undefined {
  const { code, status } = facts;
  const said = `${where} answered ${attempt.action} of ${formatS3Uri(attempt)}${versionOf(attempt)} with ${code || 'an error'} (HTTP ${status})`;
  const own = credentialAdvice(facts, said) ?? placeAdvice(facts, attempt, said);
  if (own !== undefined) return own;
  if (code === 'TimeoutError' || NETWORK.test(code)) return networkAdvice(facts, attempt, where);
  if (status === 403 || status === 401)
    return { reason: 'no-permission', message: `${said}. ${policy(attempt)}` };
  if (status === 503 || status === 429 || code === 'SlowDown')
    return unavailable(`${said}, also after repetitions: it is asked too much. Run the job again later.`);
  if (status >= 500)
    return unavailable(
      `${said}, also after repetitions. Run the job again; look at the state of the server.`,
    );
  if (status > 0) return unavailable(`${said}: ${facts.message}.`);
  return undefined;
}

function tooLong({ most }: LongAnswerError, { action, ...place }: Attempt, where: string): Advice {
  return unavailable(
    `${where} answered ${action} of ${formatS3Uri(place)} with more than ${most} bytes, which no such answer has. Check that AWS_ENDPOINT_URL names an S3 server, and look at the server or proxy between.`,
  );
}

function unavailable(message: string): Advice {
  return { reason: 'service-unavailable', message };
}

function versionOf({ versionId }: Attempt): string {
  return versionId === undefined ? '' : ` version ${versionId}`;
}

const WAYS =
  'The usual way on GitHub is a role for the workflow, without a secret: `permissions: { id-token: write, contents: read }` in the job, and before this step `- uses: aws-actions/configure-aws-credentials@v6` `with: { role-to-assume: <ARN of the role>, aws-region: <region> }`. Other ways: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the env of the job, from secrets; AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN; AWS_PROFILE; the role of the machine or container.';

/** Who asks, and when. */
function credentialAdvice({ code, message }: Facts, said: string): Advice | undefined {
  switch (code) {
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return { reason: 'no-permission', message: `There are no credentials for S3 (${message}). ${WAYS}` };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
      return {
        reason: 'no-permission',
        message: `${said}: the credentials have expired. Ask for a longer session (role-duration-seconds of configure-aws-credentials), or get them right before this step.`,
      };
    case 'InvalidAccessKeyId':
    case 'InvalidClientTokenId':
    case 'InvalidToken':
      return {
        reason: 'no-permission',
        message: `${said}: this server does not know the access key. Check AWS_ACCESS_KEY_ID, that a session token belongs to it (AWS_SESSION_TOKEN), and that AWS_ENDPOINT_URL names the right server.`,
      };
    case 'SignatureDoesNotMatch':
      return {
        reason: 'no-permission',
        message: `${said}: the secret does not fit the access key. Check AWS_SECRET_ACCESS_KEY, for spaces and line ends too, and that no proxy changes the request.`,
      };
    case 'RequestTimeTooSkewed':
    case 'RequestExpired':
      return {
        reason: 'no-permission',
        message: `${said}: the clock of the runner is wrong. It shows ${new Date().toISOString()}; set it.`,
      };
    case 'InvalidIdentityToken':
    case 'IDPCommunicationError':
      return {
        reason: 'no-permission',
        message: `AWS refused the workflow's identity (${message}). ${WAYS}`,
      };
    default:
      return undefined;
  }
}

/** What is asked for, and where. */
function placeAdvice({ code, status }: Facts, attempt: Attempt, said: string): Advice | undefined {
  const uri = formatS3Uri(attempt);
  if (code === 'NoSuchBucket' || (status === 404 && attempt.action === 'HeadBucket')) {
    return {
      reason: 'bad-config',
      message: `The bucket '${attempt.bucket}' does not exist (${said}). Correct its name, or make it; versioning should be on.`,
    };
  }
  if (code === 'NoSuchVersion' || (code === 'MethodNotAllowed' && attempt.versionId !== undefined)) {
    return {
      reason: 'missing-file',
      message: `${uri} has no version ${attempt.versionId ?? ''} (${said}): it was deleted for good. Look at the lifecycle rules of the bucket.`,
    };
  }
  if (status === 404) {
    return {
      reason: 'missing-file',
      message: `${uri}${versionOf(attempt)} is not there (${said}). Check the name; in a bucket with versioning a deleted object can be restored by removing its delete marker.`,
    };
  }
  const elsewhere = [
    'PermanentRedirect',
    'AuthorizationHeaderMalformed',
    'IllegalLocationConstraintException',
  ];
  if (elsewhere.includes(code) || status === 301) {
    return {
      reason: 'bad-config',
      message: `${said}: the bucket is in another region. Set AWS_REGION to the region of '${attempt.bucket}'.`,
    };
  }
  if (status === 412) {
    return {
      reason: 'service-unavailable',
      message: `${said}: the object was made or changed by somebody else meanwhile. Run the job again.`,
    };
  }
  return undefined;
}

function networkAdvice({ code, message }: Facts, attempt: Attempt, where: string): Advice {
  const tls = /^(?:UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS|EPROTO|ERR_SSL)/.test(code);
  const todo = tls
    ? 'Its certificate is not trusted, or it does not speak TLS here: name the PEM file of its authority in AWS_CA_BUNDLE, or correct https:// in AWS_ENDPOINT_URL.'
    : 'Check AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL and AWS_REGION, the proxy (HTTPS_PROXY, NO_PROXY), and that the runner reaches that address.';
  return unavailable(
    `${where} did not answer ${attempt.action} of ${formatS3Uri(attempt)} (${code}: ${message}). ${todo}`,
  );
}

/** docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html names the permission of each call. */
const PERMISSION: Readonly<Record<S3Action, string>> = {
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  HeadBucket: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListObjectVersions: 's3:ListBucketVersions',
  GetBucketVersioning: 's3:GetBucketVersioning',
  PutObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListParts: 's3:ListMultipartUploadParts',
};

const OF_BUCKET = [
  'HeadBucket',
  'ListObjectsV2',
  'ListObjectVersions',
  'GetBucketVersioning',
  'ListMultipartUploads',
];

/** The statement to paste, for the bucket or for all objects in the same folder. */
function policy({ action, bucket, key, versionId }: Attempt): string {
  const permission = `${PERMISSION[action]}${versionId === undefined ? '' : 'Version'}`;
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const arn = `arn:aws:s3:::${bucket}${OF_BUCKET.includes(action) ? '' : `/${folder}*`}`;
  const statement = JSON.stringify({ Effect: 'Allow', Action: [permission], Resource: [arn] });
  const absent =
    action === 'GetObject' || action === 'HeadObject'
      ? ' Without s3:ListBucket on the bucket, an object that is not there looks the same.'
      : '';
  return `The role or user may not do that. Give it ${permission}, for instance by this statement in its policy: ${statement}${absent} A bucket with aws:kms encryption also needs kms:GenerateDataKey and kms:Decrypt on the key.`;
}
