import { afterEach, expect, test } from '@jest/globals';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** make-fetch-happen, as Sigstore's libraries call it. */
type Fetch = (
  url: string,
  options?: {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    timeout?: number;
    retry?: boolean | number | { retries: number; minTimeout?: number };
  },
) => Promise<Response & { buffer(): Promise<Buffer> }>;
const STAND_IN: string = './stand-ins/make-fetch-happen.mjs';
const { default: fetch } = (await import(STAND_IN)) as { default: Fetch };

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Answers with these statuses, one after the other, then with the last. */
function statuses(...list: readonly number[]): { listener: RequestListener; count: () => number } {
  let count = 0;
  return {
    listener: (_, response) => {
      response.writeHead(list[Math.min(count++, list.length - 1)] ?? 200).end(`answer ${count}`);
    },
    count: () => count,
  };
}

test('a request arrives with method, headers and body, and the answer can be read in every way', async () => {
  const url = await serve((request, response) => {
    request.on('data', (body: Buffer) => {
      const { method, headers } = request;
      response.end(JSON.stringify({ method, type: headers['content-type'], body: body.toString() }));
    });
  });
  const send = (): ReturnType<Fetch> =>
    fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}', retry: false });
  const expected = { method: 'POST', type: 'application/json', body: '{}' };
  expect(await (await send()).json()).toEqual(expected);
  expect(JSON.parse((await (await send()).buffer()).toString())).toEqual(expected);
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await send()).body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual(expected);
});

test('a server that says nothing is given up after the timeout', async () => {
  const url = await serve(() => undefined);
  const started = Date.now();
  await expect(fetch(url, { timeout: 100, retry: false })).rejects.toThrow(/timeout|aborted/);
  expect(Date.now() - started).toBeLessThan(5_000);
});

test('a busy server is asked again as often as it says, and no more', async () => {
  const twice = statuses(503, 429, 200);
  const patient = await fetch(await serve(twice.listener), { retry: { retries: 2, minTimeout: 1 } });
  expect([patient.status, twice.count()]).toEqual([200, 3]);
  const always = statuses(503);
  const last = await fetch(await serve(always.listener), { retry: { retries: 1, minTimeout: 1 } });
  expect([last.status, await last.text(), always.count()]).toEqual([503, 'answer 2', 2]);
});

test('without retries, and for a refusal, one answer is enough', async () => {
  const busy = statuses(503);
  expect((await fetch(await serve(busy.listener), { retry: false })).status).toBe(503);
  const refusing = statuses(403);
  expect((await fetch(await serve(refusing.listener), { retry: 3 })).status).toBe(403);
  expect([busy.count(), refusing.count()]).toEqual([1, 1]);
});
