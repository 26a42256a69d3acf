import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import type * as ClientS3 from '@aws-sdk/client-s3';
import { UserError, errorMessage } from '../action/errors.ts';
import { maskSecret } from '../action/log.ts';
import { refusePlainHttp } from '../action/trusted-origins.ts';
import { boundAnswers } from './answers.ts';
import { Budget } from './budget.ts';
import { boundCredentials } from './credentials.ts';
import { explainS3, type Attempt } from './failure.ts';
import { S3_LIMITS, type S3Limits } from './limits.ts';

type Sdk = typeof ClientS3;
type S3Client = ClientS3.S3Client;
type Environment = Readonly<NodeJS.ProcessEnv>;

/** How new objects are encrypted by the server; absent: as the bucket says. */
export type Encryption =
  { readonly sse: 'AES256' } | { readonly sse: 'aws:kms'; readonly kmsKeyId?: string | undefined };

/** What a connection needs to know beyond the environment. */
export interface S3Options {
  /** The step's environment, with the AWS variables. */
  readonly env: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly encryption?: Encryption | undefined;
  /** Others than usual. */
  readonly limits?: Partial<S3Limits>;
}

type Send<Answer> = (sdk: Sdk, client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<Answer>;

/** A connection to S3 or to a server that speaks like it. Nothing is loaded or sent before the first call. */
export interface S3 {
  readonly encryption: Encryption | undefined;
  readonly signal: AbortSignal | undefined;
  /** The server, for messages. */
  readonly where: string;
  /** Bytes that transfers may hold in memory at once, all together. */
  readonly memory: Budget;
  readonly limits: S3Limits;
  /**
   * Sends one command. The SDK repeats what failed for a passing reason. Rejects with S3Failure, which says what to do,
   * or with the signal's reason.
   */
  call<Answer>(attempt: Attempt, send: Send<Answer>): Promise<Answer>;
}

/** Longest wait for a connection, and longest silence on one, in ms. */
const CONNECT_MS = 10_000;
const IDLE_MS = 60_000;
const MAX_CONNECTIONS = 64;
const ATTEMPTS = 5;
const MEMORY = 64 << 20;

/**
 * Opens S3 with the field's own variables: credentials by the SDK's default chain (variables, OIDC through
 * AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, profile, container, instance), AWS_REGION or AWS_DEFAULT_REGION,
 * AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, AWS_S3_ADDRESSING_STYLE (`path`, `virtual`), AWS_CA_BUNDLE, AWS_MAX_ATTEMPTS,
 * and the proxy variables where Node knows them. Secrets are masked in the log. Throws UserError `bad-config` or
 * `missing-file` for variables that cannot be.
 */
export function openS3({ env, signal, encryption, limits: own }: S3Options): S3 {
  const limits = { ...S3_LIMITS, ...own };
  const settings = readSettings(env);
  let opened: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;
  const open = async (): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> => {
    const sdk = await import('@aws-sdk/client-s3');
    const client = new sdk.S3Client(clientConfig(settings, env));
    signPayloads(client);
    boundAnswers(client, limits.answerBytes);
    boundCredentials(client);
    const { secretAccessKey, sessionToken } = await client.config.credentials();
    if (sessionToken !== undefined && settings.endpoint !== undefined) {
      refusePlainHttp(new URL(settings.endpoint), 'The S3 server');
    }
    for (const secret of [secretAccessKey, sessionToken]) {
      if (secret !== undefined && !Object.values(env).includes(secret)) maskSecret(secret);
    }
    return { sdk, client };
  };
  const ending = signal === undefined ? [] : [shared(signal)];
  return {
    encryption,
    signal,
    where: settings.where,
    memory: new Budget(MEMORY),
    limits,
    async call<Answer>(attempt: Attempt, send: Send<Answer>) {
      signal?.throwIfAborted();
      const late = new AbortController();
      // Not AbortSignal.timeout, which is collected and never ends when nothing else holds it.
      const withinMs = /^(?:PutObject|UploadPart)$/.test(attempt.action) ? limits.uploadMs : limits.callMs;
      const timer = setTimeout(() => late.abort(), withinMs);
      const abortSignal = AbortSignal.any([...ending, late.signal]);
      const sending = async (): Promise<Answer> => {
        const { sdk, client } = await (opened ??= open());
        return send(sdk, client, { abortSignal });
      };
      try {
        return await until(abortSignal, sending());
      } catch (error) {
        signal?.throwIfAborted();
        throw explainS3(late.signal.aborted ? tooSlow(withinMs) : error, attempt, settings.where);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** Waits no longer than the signal: the SDK does not heed it while it gets credentials. */
function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}

/** As the SDK says it of a connection. */
function tooSlow(withinMs: number): Error {
  const message = `no whole answer in ${withinMs / 1000} s, with all tries`;
  return Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}

/** A signal that as many requests may listen to as there are at once; Node takes more than ten for a leak. */
function shared(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return own;
}

/** What the environment says about the way to S3. */
interface ConnectionSettings {
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly forcePathStyle: boolean;
  readonly ca: string | undefined;
  /** The server, for messages. */
  readonly where: string;
}

/** Where AWS is asked first when no region is named; it says in which region a bucket lies. */
const FIRST_REGION = 'us-east-1';

function readSettings(env: Environment): ConnectionSettings {
  for (const name of ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN']) {
    const secret = env[name];
    if (secret) maskSecret(secret);
  }
  const endpoint = endpointOf(env);
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || FIRST_REGION;
  return {
    region,
    endpoint,
    forcePathStyle: pathStyle(env, endpoint),
    ca: authority(env),
    where: endpoint ?? `AWS (region ${region})`,
  };
}

function endpointOf(env: Environment): string | undefined {
  const name = env['AWS_ENDPOINT_URL_S3'] ? 'AWS_ENDPOINT_URL_S3' : 'AWS_ENDPOINT_URL';
  const value = env[name];
  if (!value) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const usable =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (usable && url.search === '' && url.hash === '') return url.href.replace(/\/+$/, '');
  throw new UserError(
    'bad-config',
    `${name} is no address of an S3 server. Write http:// or https://, a host and perhaps a port and a path, without a user name; credentials belong into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
  );
}

/** Servers other than AWS seldom have a host name for every bucket. */
function pathStyle(env: Environment, endpoint: string | undefined): boolean {
  const style = env['AWS_S3_ADDRESSING_STYLE'];
  if (style === 'path' || style === 'virtual') return style === 'path';
  if (style === undefined || style === '' || style === 'auto') return endpoint !== undefined;
  throw new UserError(
    'bad-config',
    `AWS_S3_ADDRESSING_STYLE is '${style}'. Allowed: path (host/bucket/key), virtual (bucket.host/key), auto.`,
  );
}

function authority(env: Environment): string | undefined {
  const file = env['AWS_CA_BUNDLE'];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(
      'missing-file',
      `AWS_CA_BUNDLE is '${file}', which cannot be read: ${errorMessage(error)}. Name a PEM file with the certificates of the authority.`,
      { cause: error },
    );
  }
}

function clientConfig(settings: ConnectionSettings, env: Environment): ClientS3.S3ClientConfig {
  const { region, endpoint, forcePathStyle, ca } = settings;
  // Node 24 knows the proxy variables of the runner; older versions ignore the option.
  const agent = { keepAlive: true, maxSockets: MAX_CONNECTIONS, proxyEnv: env };
  const credentials = givenCredentials(env);
  return {
    region,
    forcePathStyle,
    followRegionRedirects: true,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(env['AWS_PROFILE'] ? { profile: env['AWS_PROFILE'] } : {}),
    ...(env['AWS_MAX_ATTEMPTS'] ? {} : { maxAttempts: ATTEMPTS }),
    // Digests are computed here, once, and sent along; the SDK's own would need a server that knows trailers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      httpAgent: new http.Agent(agent),
      httpsAgent: new https.Agent({ ...agent, ...(ca === undefined ? {} : { ca }) }),
    },
  };
}

/** The default chain reads the process's variables; a profile that is named wins over keys, as in the SDK. */
function givenCredentials(env: Environment): ClientS3.S3ClientConfig['credentials'] {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (!id || !secret || env['AWS_PROFILE']) return undefined;
  return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
}

/**
 * Signs the digest that an upload brings along as that of its payload: computed once, and compared by servers that know
 * no checksums too.
 */
function signPayloads(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        const checksum = headers['x-amz-checksum-sha256'];
        if (
          checksum !== undefined &&
          (commandName === 'PutObjectCommand' || commandName === 'UploadPartCommand')
        )
          headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex');
        return next(args);
      },
    { step: 'build', name: 'signPayloads' },
  );
}
