import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createSecureServer,
  type Server as SecureServer,
  type ServerOptions,
} from 'node:https';
import type { AddressInfo } from 'node:net';

/** What happens to a request instead of being passed on. */
export type Fault =
  /** Passed on and carried out; the answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** Refused before it reaches the server. */
  | { readonly kind: 'reset' }
  /** Passed on; the answer's text is changed on the way back. */
  | { readonly kind: 'alter'; readonly change: (body: string) => string }
  /** Answered by the proxy. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type: string;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** A proxy in front of a real server that does harm on demand. */
export interface FaultyProxy {
  readonly url: string;
  /** Requests as they came, such as `POST /api/2.0/mlflow/runs/create`. */
  readonly seen: readonly { readonly call: string; readonly headers: IncomingMessage['headers'] }[];
  /** The next `times` requests that match get the fault. */
  fail(matches: RegExp, fault: Fault, times?: number): void;
  /** The next answer to a request that matches is changed. */
  alter(matches: RegExp, change: (body: string) => string): void;
  /** Forgets requests and faults. */
  clear(): void;
  close(): Promise<void>;
}

/** `host` is what the server is told as its own name, `as asked` for what the client said and signed; with `tls` the proxy speaks HTTPS. */
export async function startProxy(
  target: string,
  host = new URL(target).host,
  tls?: ServerOptions,
): Promise<FaultyProxy> {
  const seen: { call: string; headers: IncomingMessage['headers'] }[] = [];
  const faults: { matches: RegExp; fault: Fault; left: number }[] = [];
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const call = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    seen.push({ call, headers: incoming.headers });
    const hit = faults.find(({ matches, left }) => left > 0 && matches.test(call));
    if (hit !== undefined) hit.left -= 1;
    handle({ target, host }, incoming, outgoing, hit?.fault);
  };
  const server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    fail: (matches, fault, times = 1) => void faults.push({ matches, fault, left: times }),
    alter: (matches, change) => void faults.push({ matches, fault: { kind: 'alter', change }, left: 1 }),
    clear() {
      seen.length = 0;
      faults.length = 0;
    },
    close: () => closed(server),
  };
}

function closed(server: Server | SecureServer): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}

function handle(
  { target, host }: { readonly target: string; readonly host: string },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
): void {
  if (fault?.kind === 'reset') {
    incoming.socket.destroy();
    return;
  }
  if (fault?.kind === 'answer') {
    incoming.resume();
    outgoing.writeHead(fault.status, { 'content-type': fault.type, ...fault.headers });
    outgoing.end(fault.body);
    return;
  }
  const url = new URL(incoming.url ?? '/', target);
  const onward = request(
    url,
    { method: incoming.method ?? 'GET', headers: { ...incoming.headers, host: nameFor(incoming, host) } },
    (answer) => {
      if (fault?.kind === 'lose-answer') {
        answer.resume();
        answer.once('end', () => incoming.socket.destroy());
        return;
      }
      if (fault?.kind === 'alter') {
        void readAll(answer).then((body) => {
          outgoing.writeHead(answer.statusCode ?? 502, { 'content-type': 'application/json' });
          outgoing.end(fault.change(body));
        });
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.once('error', () => incoming.socket.destroy());

  incoming.pipe(onward);
}

function nameFor({ headers }: IncomingMessage, host: string): string {
  return host === 'as asked' ? (headers.host ?? '') : host;
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
