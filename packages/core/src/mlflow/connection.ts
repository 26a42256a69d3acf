import { readFileSync } from 'node:fs';
import { shownAddress } from '../action/address.ts';
import { UserError, errorMessage } from '../action/errors.ts';
import { maskSecret } from '../action/log.ts';
import { isTrustedOrigin, refusePlainHttp, trustRemedy } from '../action/trusted-origins.ts';
import { isUploadAddress } from './upload-address.ts';
import type { TlsOptions } from '../transfer/http.ts';

/** How to reach an MLflow server, and as whom. */
export interface Connection {
  /** Address for messages and results: without credentials. */
  readonly uri: string;
  /** What every path is appended to; no slash at its end. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** Whether a file may be sent to an address that the server chose. */
  readonly allowsUpload: (address: string) => boolean;
}

type Environment = Readonly<NodeJS.ProcessEnv>;

/**
 * Reads MLflow's own variables (mlflow/utils/rest_utils.py): MLFLOW_TRACKING_URI where `given` is absent, _USERNAME with
 * _PASSWORD before _TOKEN, _INSECURE_TLS, _SERVER_CERT_PATH, _CLIENT_CERT_PATH; DATABRICKS_HOST and _TOKEN for the
 * address `databricks`; headers of a proxy from SLUICE_MLFLOW_HEADERS. Every secret is masked in the log at once. `given` is
 * what a file of the repository says: secrets of the environment go there only where the environment names the same origin,
 * and never over plain http to another machine. Throws UserError `bad-config` or `missing-file`.
 */
export function readConnection(given: string | undefined, env: Environment): Connection {
  const uri = given ?? env['MLFLOW_TRACKING_URI'];
  if (uri === undefined || uri === '') {
    throw new UserError(
      'bad-config',
      'No MLflow server is named. Set registry.tracking-uri in sluice.yaml, or MLFLOW_TRACKING_URI in the env of the job, such as https://mlflow.example.com.',
    );
  }
  if (/^databricks(?::|-uc|$)/.test(uri)) return databricks(uri, env);
  const url = serverUrl(uri);
  const own = basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  url.username = '';
  url.password = '';
  const trusted = given === undefined || isTrustedOrigin(url.href, [env['MLFLOW_TRACKING_URI']], env);
  const secrets = trusted ? env : withoutSecrets(url, 'authorization' in own, env);
  const headers = { ...authorizationOf(secrets), ...own, ...extraHeaders(secrets['SLUICE_MLFLOW_HEADERS']) };
  return connected(url, headers, tlsOptions(secrets), env);
}

function connected(url: URL, headers: Connection['headers'], tls: TlsOptions, env: Environment): Connection {
  if (Object.keys(headers).length > 0) refusePlainHttp(url, 'The MLflow server');
  const base = url.href.replace(/\/+$/, '');
  return { uri: base, base, headers, tls, allowsUpload: (address) => isUploadAddress(address, base, env) };
}

const SECRETS = [
  'MLFLOW_TRACKING_TOKEN',
  'MLFLOW_TRACKING_USERNAME',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_CLIENT_CERT_PATH',
  'SLUICE_MLFLOW_HEADERS',
];

/** The environment for a server that it does not name. Throws where it would sign in there: the address has no login of its own. */
function withoutSecrets(url: URL, hasLogin: boolean, env: Environment): Environment {
  const held = SECRETS.filter((name) => env[name]);
  if (held.length > 0 && !hasLogin) {
    throw new UserError(
      'bad-config',
      `registry.tracking-uri is ${url.origin}, and ${held.join(' and ')} of the job ${held.length === 1 ? 'is' : 'are'} not sent there. ${trustRemedy('MLFLOW_TRACKING_URI')}`,
    );
  }
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name)));
}

function serverUrl(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url;
  throw new UserError(
    'bad-config',
    `The MLflow server is '${shownAddress(uri)}'. Allowed are the http or https address of an MLflow server and 'databricks'; a folder or a database is no server, so start one with 'mlflow server'.`,
  );
}

function databricks(uri: string, env: Environment): Connection {
  const { DATABRICKS_HOST: host, DATABRICKS_TOKEN: token } = env;
  if (uri !== 'databricks') {
    throw new UserError(
      'bad-config',
      `The MLflow server is '${shownAddress(uri)}'. Of Databricks only the workspace is known: write 'databricks', and set DATABRICKS_HOST and DATABRICKS_TOKEN. Profiles and Unity Catalog are not supported.`,
    );
  }
  if (!host || !token) {
    throw new UserError(
      'bad-config',
      `The MLflow server is 'databricks', but ${host ? 'DATABRICKS_TOKEN' : 'DATABRICKS_HOST'} is not set. Set both in the env of the job, the token from a secret.`,
    );
  }
  const url = serverUrl(/^https?:/.test(host) ? host : `https://${host}`);
  return connected(
    url,
    { ...bearer(token), ...extraHeaders(env['SLUICE_MLFLOW_HEADERS']) },
    tlsOptions(env),
    env,
  );
}

/** Name and password win over the token, as in MLflow's own client. */
function authorizationOf(env: Environment): Record<string, string> {
  const {
    MLFLOW_TRACKING_USERNAME: name,
    MLFLOW_TRACKING_PASSWORD: password,
    MLFLOW_TRACKING_TOKEN: token,
  } = env;
  if (name && password) return basic(name, password);
  return token ? bearer(token) : {};
}

function basic(name: string, password: string): Record<string, string> {
  if (name === '' || password === '') return {};
  const credentials = Buffer.from(`${name}:${password}`).toString('base64');
  maskSecret(password);
  maskSecret(credentials);
  return { authorization: `Basic ${credentials}` };
}

function bearer(token: string): Record<string, string> {
  maskSecret(token);
  return { authorization: `Bearer ${token}` };
}

/** One `Name: value` a line, for a proxy that wants more than MLflow does. Every value counts as a secret. */
function extraHeaders(text = ''): Record<string, string> {
  const lines = text.split('\n').map((line) => line.trim());
  return Object.fromEntries(
    lines
      .filter((line) => line !== '')
      .map((line, index) => {
        const match = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\x21-\x7e][\x20-\x7e]*)$/.exec(line);
        if (match?.[1] === undefined || match[2] === undefined) {
          throw new UserError(
            'bad-config',
            `Line ${index + 1} of SLUICE_MLFLOW_HEADERS is no header. Write one 'Name: value' a line.`,
          );
        }
        maskSecret(match[2]);
        return [match[1].toLowerCase(), match[2]];
      }),
  );
}

function tlsOptions(env: Environment): TlsOptions {
  const insecure = env['MLFLOW_TRACKING_INSECURE_TLS']?.toLowerCase() === 'true';
  const authority = pem('MLFLOW_TRACKING_SERVER_CERT_PATH', env);
  const client = pem('MLFLOW_TRACKING_CLIENT_CERT_PATH', env);
  if (insecure && authority !== undefined) {
    throw new UserError(
      'bad-config',
      'MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are both set. Set the second alone: it checks the server against your own authority.',
    );
  }
  return {
    ...(insecure ? { rejectUnauthorized: false } : {}),
    ...(authority === undefined ? {} : { ca: authority }),
    ...(client === undefined ? {} : { cert: client, key: client }),
  };
}

function pem(name: string, env: Environment): string | undefined {
  const file = env[name];
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(
      'missing-file',
      `${name} is '${file}', which cannot be read: ${errorMessage(error)}. Name a PEM file.`,
      { cause: error },
    );
  }
}
