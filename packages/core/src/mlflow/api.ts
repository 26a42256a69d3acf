import type * as z from 'zod/mini';
import { parseJson } from '../action/json.ts';
import { listed, retry } from '../action/retry.ts';
import { MlflowRefusal, MlflowUnavailable, problemOf } from './answer.ts';
import type { Connection } from './connection.ts';
import {
  NoAnswerError,
  TooSlowError,
  openHttp,
  readText,
  type Http,
  type HttpRequest,
} from '../transfer/http.ts';

/** A parameter of a query, repeated where it is a list. */
type Query = Readonly<Record<string, string | number | readonly string[]>>;

/** What a call sends: a query for GET, else a JSON body. */
interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/2.0/mlflow/`. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
  /** `once` for calls that make something new each time: never repeated, for a lost answer is no lost request. */
  readonly repeat: 'safe' | 'once';
}

/** MLflow's REST interface. */
export interface MlflowApi {
  readonly connection: Connection;
  readonly http: Http;
  /** For addresses that the server signed: without its certificates. */
  readonly storage: Http;
  /**
   * One call, its answer checked. Safe ones are repeated while the server does not answer, three times in all. Throws
   * MlflowRefusal or MlflowUnavailable, both of which say what to do.
   */
  call<S extends z.ZodMiniType>(call: Call, schema: S): Promise<z.infer<S>>;
  /** One exchange with any address; the answer's beginning as text. Throws like `call`. */
  exchange(request: HttpRequest, what: string, repeat: Call['repeat']): Promise<Exchanged>;
  /** Runs `attempt` again while the server does not answer, three times in all. */
  retry<T>(attempt: (failures: number) => Promise<T>): Promise<T>;
}

/** A good answer. */
export interface Exchanged {
  readonly text: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** MLflow's own limit for the silence on a line, in ms. */
const IDLE_MS = 120_000;
/** The most that an answer may have, in bytes. */
export const LONGEST_ANSWER = 16 << 20;
const waits = listed([500, 2000], (error) =>
  error instanceof MlflowUnavailable && !(error.cause instanceof TooSlowError) ? error : undefined,
);

/** Opens the interface of a server; nothing is sent yet. */
export function openMlflow(connection: Connection, signal?: AbortSignal): MlflowApi {
  const http = openHttp(connection.tls, signal);
  const again: MlflowApi['retry'] = (attempt) => retry(attempt, { waits, signal });
  const exchange: MlflowApi['exchange'] = (request, what, repeat) =>
    repeat === 'once'
      ? exchangeOnce(http, connection.uri, request, what)
      : again(() => exchangeOnce(http, connection.uri, request, what));
  return {
    connection,
    http,
    storage: openHttp({}, signal),
    exchange,
    retry: again,
    async call({ method, path, query, body, repeat }, schema) {
      const what = `${method} ${path}`;
      const request: HttpRequest = {
        method,
        url: `${connection.base}/api/2.0/mlflow/${path}${queryString(query)}`,
        headers: {
          ...connection.headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        idleMs: IDLE_MS,
        withinMs: IDLE_MS,
        most: LONGEST_ANSWER,
      };
      const { text } = await exchange(request, what, repeat);
      const checked = schema.safeParse(text === '' ? {} : parseJson(text));
      if (checked.success) return checked.data;
      const issue = checked.error.issues[0];
      throw new MlflowRefusal(
        'service-unavailable',
        '',
        `MLflow at ${connection.uri} answered ${what} in a way that cannot be understood (${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}). MLflow 3 is needed; look at ${connection.uri}/version.`,
      );
    },
  };
}

async function exchangeOnce(
  http: Http,
  server: string,
  request: HttpRequest,
  what: string,
): Promise<Exchanged> {
  try {
    const response = await http.send(request);
    const text = await readText(response);
    const problem = problemOf(
      {
        status: response.status,
        contentType: response.headers['content-type'] ?? '',
        text,
        retryAfter: response.headers['retry-after'],
        location: response.headers.location,
      },
      { call: what, server },
    );
    if (problem !== undefined) throw problem;
    return { text, headers: response.headers };
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new MlflowUnavailable(
      `MLflow at ${server} did not answer ${what}: ${error.message}. ${adviceOn(error.message)}`,
      { cause: error },
    );
  }
}

/** What to do about a line that does not come about; OpenSSL names its reasons in capitals. */
function adviceOn(message: string): string {
  if (/SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/.test(message))
    return 'Name the PEM file of the authority that signed its certificate in MLFLOW_TRACKING_SERVER_CERT_PATH.';
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE|UNKNOWN_CA/.test(message))
    return 'The server wants a certificate of its clients: name the PEM file with it and its key in MLFLOW_TRACKING_CLIENT_CERT_PATH.';
  return 'Check the address, and that the runner reaches it.';
}

/**
 * Makes something that must not be there twice: looks for it first, unless it was `sought` just now, and again before
 * every new attempt, because a lost answer does not mean a lost request.
 */
export async function createOnce<T>(
  api: MlflowApi,
  find: () => Promise<T | undefined>,
  create: () => Promise<T>,
  sought = false,
): Promise<T> {
  return api.retry(async (failures) => {
    const known = sought && failures === 0;
    return (known ? undefined : await find()) ?? create();
  });
}

function queryString(query: Query = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === 'object' ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

/** The filter for what has a tag. */
export function hasTag({ key, value }: { readonly key: string; readonly value: string }): string {
  return `tags.\`${key}\` = ${quoted(value)}`;
}

/** A value in MLflow's filter language, which knows no escapes. */
export function quoted(value: string): string {
  if (!value.includes("'")) return `'${value}'`;
  if (!value.includes('"')) return `"${value}"`;
  throw new MlflowRefusal(
    'bad-input',
    '',
    `MLflow cannot search for ${value}: it has both kinds of quotes. Choose another name.`,
  );
}
