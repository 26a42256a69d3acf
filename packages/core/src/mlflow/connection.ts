import { readFileSync } from 'node:fs';
import { UserError, errorMessage } from '../action/errors.ts';
import { maskSecret } from '../action/log.ts';
import type { TlsOptions } from '../transfer/http.ts';

/** How to reach an MLflow server, and as whom. */
export interface Connection {
  /** Address for messages and results: without credentials. */
  readonly uri: string;
  /** What every path is appended to; no slash at its end. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

type Environment = Readonly<NodeJS.ProcessEnv>;

/**
 * Reads MLflow's own variables (mlflow/utils/rest_utils.py): MLFLOW_TRACKING_URI where `given` is absent, _USERNAME with
 * _PASSWORD before _TOKEN, _INSECURE_TLS, _SERVER_CERT_PATH, _CLIENT_CERT_PATH; DATABRICKS_HOST and _TOKEN for the
 * address `databricks`; headers of a proxy from SLUICE_MLFLOW_HEADERS. Every secret is masked in the log at once.
 * Throws UserError `bad-config` or `missing-file`.
 */
export function readConnection(given: string | undefined, env: Environment): Connection {
  const uri = given ?? env['MLFLOW_TRACKING_URI'];
  if (uri === undefined || uri === '') {
    throw new UserError(
      'bad-config',
      'No MLflow server is named. Set registry.tracking-uri in sluice.yaml, or MLFLOW_TRACKING_URI in the env of the job, such as https://mlflow.example.com.',
    );
  }
  const extra = extraHeaders(env['SLUICE_MLFLOW_HEADERS']);
  if (/^databricks(?::|-uc|$)/.test(uri)) return databricks(uri, extra, env);
  const url = serverUrl(uri);
  const authorization = basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  url.username = '';
  url.password = '';
  const base = url.href.replace(/\/+$/, '');
  return {
    uri: base,
    base,
    headers: { ...authorizationOf(env), ...authorization, ...extra },
    tls: tlsOptions(env),
  };
}

function serverUrl(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url;
  throw new UserError(
    'bad-config',
    `The MLflow server is '${url === undefined ? uri : withoutSecrets(url)}'. Allowed are the http or https address of an MLflow server and 'databricks'; a folder or a database is no server, so start one with 'mlflow server'.`,
  );
}

function withoutSecrets(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function databricks(uri: string, extra: Readonly<Record<string, string>>, env: Environment): Connection {
  const { DATABRICKS_HOST: host, DATABRICKS_TOKEN: token } = env;
  if (uri !== 'databricks') {
    throw new UserError(
      'bad-config',
      `The MLflow server is '${uri}'. Of Databricks only the workspace is known: write 'databricks', and set DATABRICKS_HOST and DATABRICKS_TOKEN. Profiles and Unity Catalog are not supported.`,
    );
  }
  if (!host || !token) {
    throw new UserError(
      'bad-config',
      `The MLflow server is 'databricks', but ${host ? 'DATABRICKS_TOKEN' : 'DATABRICKS_HOST'} is not set. Set both in the env of the job, the token from a secret.`,
    );
  }
  const base = serverUrl(/^https?:/.test(host) ? host : `https://${host}`).href.replace(/\/+$/, '');
  return { uri: base, base, headers: { ...bearer(token), ...extra }, tls: tlsOptions(env) };
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
