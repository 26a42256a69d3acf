import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';

/** A server in the place of S3 that answers as a test says, however S3 would. */
export interface AnsweringServer {
  /** The variables that lead there. */
  readonly env: Readonly<Record<string, string>>;
  /** What it was asked, in order: method and address, without what tells it nothing. */
  readonly asked: readonly string[];
}

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing.splice(0)) close();
});

/** Starts a server, which ends with the test file. `answer` gets what was asked as it stands in `asked`. */
export async function startAnswering(
  answer: (response: ServerResponse, asked: string, request: IncomingMessage) => void,
): Promise<AnsweringServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    url.searchParams.delete('x-id');
    const line = `${request.method ?? ''} ${url.pathname}${url.search}`;
    asked.push(line);
    request.resume();
    request.on('end', () => answer(response, line, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
  return { env: { AWS_ENDPOINT_URL: url, AWS_REGION: 'us-east-1', ...keys }, asked };
}

/** Sends a chunk again and again, as fast as it is taken, until nobody takes it any more. */
export function sendWithoutEnd(response: ServerResponse, chunk: Buffer = Buffer.alloc(1 << 16, ' ')): void {
  const send = (): void => {
    response.write(chunk, (error) => {
      if (error === null || error === undefined) send();
    });
  };
  send();
}

/** Sends a byte now and then, until nobody takes it any more. */
export function drip(response: ServerResponse): void {
  response.write(' ');
  const timer = setInterval(() => response.write(' '), 5);
  response.on('close', () => clearInterval(timer));
}
