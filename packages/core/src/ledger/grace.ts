/** Runs `body` with a signal that ends a little after the given one, or after now when that has ended. */
export async function withGrace<T>(
  signal: AbortSignal | undefined,
  ms: number,
  body: (ending: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => ending.abort(signal?.reason), ms);
  };
  if (signal?.aborted === true) begin();
  else signal?.addEventListener('abort', begin, { once: true });
  try {
    return await body(ending.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', begin);
  }
}
