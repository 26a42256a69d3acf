import * as z from 'zod/mini';
import { parseJson } from '../action/json.ts';
import { describeExchange, exchange, excerpt, isSuccess, type Exchange } from './exchange.ts';
import type { Found, Protocol } from './protocols/kind.ts';

/** Where a model server listens, which paths it answers and how it is spoken to. */
export interface ServerAddress {
  /** Base URL, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly ready: string;
  /** undefined: the server cannot say which version it runs. */
  readonly versionPath: string | undefined;
  readonly predict: string;
  readonly protocol: Protocol;
  /** Longest wait for one answer. */
  readonly requestTimeoutMs: number;
  /** Goes with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a server says it runs; `version` is absent when it runs nothing. */
export type VersionAnswer =
  | { readonly kind: 'answered'; readonly version?: string; readonly modelDigest?: string }
  | { readonly kind: 'silent'; readonly message: string }
  /** It cannot say. */
  | { readonly kind: 'not-asked' };

/** What became of a request for a prediction; `prediction` is what the body of a 2xx answer holds. */
export type PredictionAnswer =
  | (Extract<Exchange, { readonly kind: 'answered' }> & { readonly prediction: Found })
  | Extract<Exchange, { readonly kind: 'silent' }>;

/** A model server as the probes see it. */
export interface ModelServer {
  readonly url: string;
  /** undefined when ready, else what it did instead. */
  notReady(signal: AbortSignal): Promise<string | undefined>;
  version(signal: AbortSignal): Promise<VersionAnswer>;
  /** Asks for the prediction of an input, in the form that the server wants. */
  predict(input: unknown, signal: AbortSignal): Promise<PredictionAnswer>;
}

const versionAnswer = z.looseObject({
  version: z.optional(z.nullable(z.string())),
  'model-digest': z.optional(z.nullable(z.string())),
});

/** A server over HTTP. */
export function httpServer(address: ServerAddress): ModelServer {
  const { protocol, versionPath, requestTimeoutMs: timeoutMs, headers = {} } = address;
  const url = address.url.replace(/\/+$/, '');
  const at = (path: string): string => `${url}${path.startsWith('/') ? '' : '/'}${path}`;
  return {
    url,
    async notReady(signal) {
      const answer = await exchange(at(address.ready), { headers }, timeoutMs, signal);
      return answer.kind === 'answered' && isSuccess(answer.status) ? undefined : describeExchange(answer);
    },
    async version(signal) {
      if (versionPath === undefined) return { kind: 'not-asked' };
      const answer = await exchange(at(versionPath), { headers }, timeoutMs, signal);
      if (answer.kind === 'silent' || !isSuccess(answer.status))
        return { kind: 'silent', message: describeExchange(answer) };
      return parseVersion(at(versionPath), answer.body);
    },
    async predict(input, signal) {
      const request = {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(protocol.request(input)),
      };
      const answer = await exchange(at(address.predict), request, timeoutMs, signal);
      return answer.kind === 'silent' ? answer : { ...answer, prediction: predictionIn(answer, protocol) };
    },
  };
}

function predictionIn(
  { status, body }: Extract<Exchange, { readonly kind: 'answered' }>,
  protocol: Protocol,
): Found {
  if (!isSuccess(status)) return { kind: 'missing', message: `HTTP ${status}` };
  const parsed = parseJson(body);
  return parsed === undefined ? { kind: 'missing', message: 'no JSON' } : protocol.prediction(parsed);
}

function parseVersion(place: string, body: string): VersionAnswer {
  const parsed = versionAnswer.safeParse(parseJson(body));
  if (!parsed.success)
    return { kind: 'silent', message: `${place} answered no {"version": …}${excerpt(body)}` };
  const { version, 'model-digest': modelDigest } = parsed.data;
  return {
    kind: 'answered',
    ...(typeof version === 'string' && version !== '' ? { version } : {}),
    ...(typeof modelDigest === 'string' ? { modelDigest: modelDigest.replace(/^sha256:/, '') } : {}),
  };
}
