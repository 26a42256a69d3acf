/** The most that an answer of a forge may have: a page of a hundred comments has a third of it. */
export const LONGEST_ANSWER = 64 * 2 ** 20;

/** `fetch` that takes no more of an answer than `most` bytes, whatever the server says of its length. */
export function boundedFetch(fetch: typeof globalThis.fetch, most = LONGEST_ANSWER): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > most) throw new Error(`the answer is longer than ${most} bytes`);
      chunks.push(chunk);
    }
    const { status, statusText, headers, url } = response;
    const whole = response.body === null ? null : Buffer.concat(chunks);
    return Object.defineProperty(new Response(whole, { status, statusText, headers }), 'url', { value: url });
  };
}
