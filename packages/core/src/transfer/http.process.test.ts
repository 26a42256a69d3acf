import { afterEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NoAnswerError, TooLongError, TooSlowError, openHttp, readText, timeFor } from './http.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Asks a server once that answers like this. */
async function ask(
  answer: (response: ServerResponse) => void,
  limits: { withinMs?: number; most?: number } = {},
): Promise<string> {
  server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`;
  const request = {
    method: 'GET',
    url,
    headers: {},
    idleMs: 30_000,
    withinMs: 30_000,
    most: 1000,
    ...limits,
  };
  return readText(await openHttp({}).send(request));
}
/** A blank whenever there is time, for ever. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 20);
  response.once('close', () => clearInterval(timer));
}

describe('an exchange', () => {
  test('is whole, up to the last byte that it may have', async () => {
    expect(await ask((response) => void response.end('x'.repeat(1000)))).toHaveLength(1000);
  });

  test.each([
    ['before the head', (): void => undefined],
    ['in the body', drip],
  ])('whose server dawdles %s ends when its time is over', async (_where, answer) => {
    await expect(ask(answer, { withinMs: 300 })).rejects.toBeInstanceOf(TooSlowError);
  });

  test.each([
    [
      'without end',
      (response: ServerResponse): void => void setInterval(() => response.write('x'.repeat(500)), 1).unref(),
    ],
    ['with a byte too many', (response: ServerResponse): void => void response.end('x'.repeat(1001))],
  ])(
    'whose answer comes %s is refused, and the message keeps the address to itself',
    async (_what, answer) => {
      const refused = ask(answer);
      await expect(refused).rejects.toBeInstanceOf(TooLongError);
      await expect(refused).rejects.toThrow(/^127\.0\.0\.1:\d+ answered a GET with more than the 1000 bytes/);
    },
  );

  test('that is refused may have words of its own', async () => {
    const refusal = (response: ServerResponse): void => void response.writeHead(404).end('x'.repeat(5000));
    expect(await ask(refusal)).toHaveLength(5000);
  });

  test('that breaks off in the body is no answer', async () => {
    const broken = ask((response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(broken).rejects.toBeInstanceOf(NoAnswerError);
    await expect(broken).rejects.not.toBeInstanceOf(TooSlowError);
  });
});

test('the time for an exchange grows with its size, as far as timers count', () => {
  expect(timeFor(0, 1000)).toBe(1000);
  expect(timeFor(256 << 10, 1000)).toBe(2000);
  expect(timeFor(2 ** 60, 1000)).toBe(2 ** 31 - 1);
});
