import { gather } from '../action/gather.ts';

/** The most that an answer of a forge may have: a page of a hundred comments has a third of it. */
export const LONGEST_ANSWER = 64 * 2 ** 20;

/** `fetch` that takes no more of an answer than `most` bytes, whatever the server says of its length. */
export function boundedFetch(fetch: typeof globalThis.fetch, most = LONGEST_ANSWER): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { status, statusText, headers, url, body } = response;
    const whole = body === null ? null : await gather(body as AsyncIterable<Uint8Array>, most);
    if (whole === undefined) throw new Error(`the answer is longer than ${most} bytes`);
    return Object.defineProperty(new Response(whole, { status, statusText, headers }), 'url', { value: url });
  };
}
