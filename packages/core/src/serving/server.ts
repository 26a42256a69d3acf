import * as z from 'zod/mini';
import { parseJson } from '../action/json.ts';
import { describeExchange, exchange, excerpt, isSuccess, type Exchange } from './exchange.ts';

/** Where a model server listens and which paths it answers. */
export interface ServerAddress {
  /** Base URL, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly ready: string;
  readonly versionPath: string;
  readonly predict: string;
  /** Longest wait for one answer. */
  readonly requestTimeoutMs: number;
}

/** What a server says it runs; `version` is absent when it runs nothing. */
export type VersionAnswer =
  | { readonly kind: 'answered'; readonly version?: string; readonly modelDigest?: string }
  | { readonly kind: 'silent'; readonly message: string };

/** A model server as the probes see it. */
export interface ModelServer {
  readonly url: string;
  /** undefined when ready, else what it did instead. */
  notReady(signal: AbortSignal): Promise<string | undefined>;
  version(signal: AbortSignal): Promise<VersionAnswer>;
  /** Posts a JSON body to the predict path. */
  predict(body: unknown, signal: AbortSignal): Promise<Exchange>;
}

const versionAnswer = z.looseObject({
  version: z.optional(z.nullable(z.string())),
  'model-digest': z.optional(z.nullable(z.string())),
});

/** A server over HTTP. */
export function httpServer(address: ServerAddress): ModelServer {
  const url = address.url.replace(/\/+$/, '');
  const at = (path: string): string => `${url}${path.startsWith('/') ? '' : '/'}${path}`;
  const timeoutMs = address.requestTimeoutMs;
  return {
    url,
    async notReady(signal) {
      const answer = await exchange(at(address.ready), {}, timeoutMs, signal);
      return answer.kind === 'answered' && isSuccess(answer.status) ? undefined : describeExchange(answer);
    },
    async version(signal) {
      const answer = await exchange(at(address.versionPath), {}, timeoutMs, signal);
      if (answer.kind === 'silent' || !isSuccess(answer.status))
        return { kind: 'silent', message: describeExchange(answer) };
      return parseVersion(at(address.versionPath), answer.body);
    },
    predict: (body, signal) =>
      exchange(
        at(address.predict),
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
        timeoutMs,
        signal,
      ),
  };
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
