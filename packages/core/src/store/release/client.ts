import type * as z from 'zod/mini';
import { UserError } from '../../action/errors.ts';
import { listed, pause, retry } from '../../action/retry.ts';
import { refuseTokenOverHttp } from '../../action/trusted-origins.ts';
import {
  NoAnswerError,
  TooSlowError,
  openHttp,
  readText,
  timeFor,
  type Http,
  type HttpAnswer,
  type HttpRequest,
} from '../../transfer/http.ts';
import { refusalOf, waitOf } from '../../forge/refusal.ts';

/** How a step reaches the releases of a repository. */
export interface ReleaseAccess {
  /** Address of the REST interface, such as `https://api.github.com`. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string | undefined;
}

/** GitHub said no, and will again. */
export class ReleaseRefusal extends Error {
  readonly status: number;
  readonly said: string;
  constructor(status: number, what: string, said: string) {
    super(`${what}: ${status}${said === '' ? '' : ` ${said}`}`);
    this.name = 'ReleaseRefusal';
    this.status = status;
    this.said = said;
  }
}

/** GitHub did not answer, or asks to come again; the request may have been carried out. */
export class ReleaseUnavailable extends Error {
  /** How long it asks to wait, in ms. */
  readonly waitMs: number | undefined;
  constructor(message: string, waitMs?: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ReleaseUnavailable';
    this.waitMs = waitMs;
  }
}

type Limits = Pick<HttpRequest, 'idleMs' | 'withinMs' | 'most'>;
type Call = Omit<HttpRequest, keyof Limits> & Partial<Limits>;

/** Bytes that are asked for. */
type Wanted = Pick<HttpRequest, 'url' | 'headers' | 'withinMs' | 'most'>;

/** The releases of one repository over HTTP. */
export interface ReleaseClient {
  /** `owner/name`. */
  readonly repository: string;
  /** Address of the repository in the interface. */
  readonly base: string;
  /** One exchange with GitHub, which gets the token. Throws ReleaseRefusal or ReleaseUnavailable; never repeats by itself. */
  send<S extends z.ZodMiniType>(call: Call, schema: S): Promise<z.infer<S>>;
  /** Like `send`, four times in all, for what may be asked as often as one likes. */
  ask<S extends z.ZodMiniType>(call: Call, schema: S): Promise<z.infer<S>>;
  /** Follows redirects from an address of GitHub to the bytes; another host gets no token. */
  open(wanted: Wanted): Promise<HttpAnswer>;
  /** Waits as long as an error asks for. Throws it, when trying again is of no use or would take too long. */
  waitAfter(error: unknown): Promise<void>;
}

const IDLE_MS = 60_000;
const LONGEST_ANSWER = 16 << 20;
const LIMITS: Limits = { idleMs: IDLE_MS, withinMs: timeFor(LONGEST_ANSWER, IDLE_MS), most: LONGEST_ANSWER };
const WAITS_MS = [1000, 1000, 1000];
/** The longest that GitHub may ask to wait: a secondary limit ends after some minutes. */
export const LONGEST_WAIT_MS = 10 * 60_000;
const MOST_REDIRECTS = 5;

/** How long to wait for GitHub's releases. */
export const releaseWaits = listed(
  WAITS_MS,
  (error) =>
    error instanceof ReleaseUnavailable && !(error.cause instanceof TooSlowError) ? error : undefined,
  LONGEST_WAIT_MS,
);

/** Opens the releases of a repository; nothing is sent yet. */
export function openReleases(access: ReleaseAccess, signal: AbortSignal | undefined): ReleaseClient {
  const { repository } = access;
  if (access.token !== undefined)
    refuseTokenOverHttp(new URL(access.apiUrl), 'The API of the releases', process.env);
  const http = openHttp({}, signal);
  const base = `${access.apiUrl.replace(/\/+$/, '')}/repos/${repository}`;
  const headers = {
    accept: 'application/vnd.github+json',
    'user-agent': 'sluice',
    'x-github-api-version': '2022-11-28',
    ...(access.token === undefined ? {} : { authorization: `Bearer ${access.token}` }),
  };
  const client: ReleaseClient = {
    repository,
    base,
    async send(call, schema) {
      const request = { ...LIMITS, ...call, headers: { ...headers, ...call.headers } };
      return answered(http, request, schema);
    },
    ask: (call, schema) => retry(() => client.send(call, schema), { waits: releaseWaits, signal }),
    open: (wanted) => follow(http, { ...wanted, headers: { ...headers, ...wanted.headers } }),
    async waitAfter(error) {
      const wait = releaseWaits(error, 1);
      if (wait === undefined) throw error;
      await pause(wait, signal);
    },
  };
  return client;
}

async function answered<S extends z.ZodMiniType>(
  http: Http,
  request: HttpRequest,
  schema: S,
): Promise<z.infer<S>> {
  const what = `${request.method} ${new URL(request.url).pathname}`;
  const response = await whereItIs(http, request, what);
  const data = await dataOf(response, what);
  const { status } = response;
  if (status >= 300) throw refused(what, response, data);
  const checked = schema.safeParse(data);
  if (checked.success) return checked.data;
  throw new ReleaseUnavailable(`${what}: the answer (${status}) cannot be understood`);
}

/** A question about a repository that was renamed is asked where GitHub says that it is now, on the same host alone. */
async function whereItIs(http: Http, request: HttpRequest, what: string): Promise<HttpAnswer> {
  const response = await connected(http, request, what);
  const { location } = response.headers;
  if (request.method !== 'GET' || !isRedirect(response.status) || location === undefined) return response;
  if (!URL.canParse(location, request.url)) return response;
  const next = new URL(location, request.url);
  if (next.origin !== new URL(request.url).origin) return response;
  response.discard();
  return connected(http, { ...request, url: next.href }, what);
}

const isRedirect = (status: number): boolean => [301, 302, 307, 308].includes(status);

async function connected(http: Http, request: HttpRequest, what: string): Promise<HttpAnswer> {
  try {
    return await http.send(request);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new ReleaseUnavailable(`${what}: ${error.message}`, undefined, { cause: error });
  }
}

async function dataOf(response: HttpAnswer, what: string): Promise<unknown> {
  try {
    const text = await readText(response);
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError && response.status >= 300) return undefined;
    if (!(error instanceof NoAnswerError) && !(error instanceof SyntaxError)) throw error;
    throw new ReleaseUnavailable(`${what}: ${error.message}`, undefined, { cause: error });
  }
}

function refused(what: string, response: HttpAnswer, data: unknown): Error {
  const { status } = response;
  const single = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  const answer = { status, headers: Object.fromEntries(single) as Record<string, string>, data };
  const { said, limited, temporary } = refusalOf(answer);
  if (!temporary) return new ReleaseRefusal(status, what, said);
  return new ReleaseUnavailable(
    `${what}: ${status} ${said}`,
    limited ? waitOf(answer, Date.now()) : undefined,
  );
}

async function follow(http: Http, { url: first, headers, ...limits }: Wanted): Promise<HttpAnswer> {
  const open = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
  const home = new URL(first);
  let url = home;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    // The address of the bytes is signed, and stays out of messages.
    const what = `the download from ${url.host}`;
    const request = {
      method: 'GET',
      url: url.href,
      headers: url.origin === home.origin ? headers : open,
      idleMs: IDLE_MS,
      ...limits,
    };
    const response = await connected(http, request, what);
    const { status } = response;
    if (status < 300) return response;
    const { location } = response.headers;
    if (status >= 400 || location === undefined || !URL.canParse(location, url.href))
      throw refused(what, response, await dataOf(response, what));
    response.discard();
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && next.protocol !== home.protocol)
      throw new UserError(
        'service-unavailable',
        `${what} leads to ${next.protocol}//${next.host}, which is not followed.`,
      );
    url = next;
  }
  throw new ReleaseUnavailable(`the download from ${home.host}: more than ${MOST_REDIRECTS} redirects`);
}
