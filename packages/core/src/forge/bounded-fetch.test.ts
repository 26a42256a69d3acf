import { expect, test } from '@jest/globals';
import { boundedFetch } from './bounded-fetch.ts';

const URL = 'https://forge.example/api';

/** A server that answers with these chunks and says nothing of their length. */
function serving(chunks: Iterable<string>, init: ResponseInit = {}): typeof globalThis.fetch {
  const all = chunks[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = all.next();
      if (next.done === true) controller.close();
      else controller.enqueue(Buffer.from(next.value));
    },
  });
  return () => Promise.resolve(Object.defineProperty(new Response(body, init), 'url', { value: URL }));
}

test('an answer within the limit is as it was', async () => {
  const headers = { 'content-type': 'application/json', link: '<x>; rel="next"' };
  const fetch = boundedFetch(serving(['{"a"', ':1}'], { status: 201, headers }), 7);
  const answer = await fetch(URL);
  expect([answer.status, answer.url, answer.headers.get('link')]).toEqual([201, URL, headers.link]);
  expect(await answer.json()).toEqual({ a: 1 });
});

test('an answer without a body has none', async () => {
  const fetch = boundedFetch(() => Promise.resolve(new Response(null, { status: 204 })));
  expect(await (await fetch(URL)).text()).toBe('');
});

test('an answer without an end is given up at the limit', async () => {
  let sent = 0;
  function* endless(): Generator<string> {
    for (;;) {
      sent++;
      yield 'x'.repeat(100);
    }
  }
  await expect(boundedFetch(serving(endless()), 1_000)(URL)).rejects.toThrow('longer than 1000 bytes');
  expect(sent).toBeLessThan(20);
});
