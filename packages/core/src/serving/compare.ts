/** Where an answer differs from what a golden case expects. */
export interface Mismatch {
  /** JSON path such as `$.predictions[0].score`. */
  readonly path: string;
  readonly expected: unknown;
  /** undefined when the answer has nothing there. */
  readonly got: unknown;
}

/**
 * The first place where `got` is not what `expected` asks for, or undefined. Objects may have more keys than expected;
 * arrays must be of the same length; numbers may differ by `tolerance` (absolute); everything else must be equal.
 */
export function firstMismatch(
  expected: unknown,
  got: unknown,
  tolerance: number,
  at = '$',
): Mismatch | undefined {
  if (typeof expected === 'number' && typeof got === 'number') {
    return expected === got || Math.abs(expected - got) <= tolerance
      ? undefined
      : { path: at, expected, got };
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return { path: at, expected, got };
    if (expected.length !== got.length)
      return { path: `${at}.length`, expected: expected.length, got: got.length };
    return firstOf(expected, (item, index) =>
      firstMismatch(item, (got as unknown[])[index], tolerance, `${at}[${index}]`),
    );
  }
  if (isRecord(expected)) {
    if (!isRecord(got)) return { path: at, expected, got };
    return firstOf(Object.entries(expected), ([key, value]) =>
      firstMismatch(value, Object.hasOwn(got, key) ? got[key] : undefined, tolerance, `${at}${member(key)}`),
    );
  }
  return expected === got ? undefined : { path: at, expected, got };
}

function firstOf<T>(
  items: readonly T[],
  check: (item: T, index: number) => Mismatch | undefined,
): Mismatch | undefined {
  for (const [index, item] of items.entries()) {
    const mismatch = check(item, index);
    if (mismatch !== undefined) return mismatch;
  }
  return undefined;
}

function member(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
