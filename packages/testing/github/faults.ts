/**
 * What goes wrong. A status: refused, nothing is done. `secondary-limit`: refused for asking too much at once, nothing is
 * done. `dropped`: the connection breaks before anything is done. `torn`: done, but the answer is half a JSON document.
 * `reset`: done, but the connection breaks before the answer. `silent`: done, but no answer comes.
 */
export type FaultKind =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly secondaryLimit: 403 | 429; readonly retryAfter?: number }
  | 'dropped'
  | 'torn'
  | 'reset'
  | 'silent';

/** What goes wrong with the next requests that `method` and `path` match. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly kind: FaultKind;
  /** How many requests; default 1. */
  readonly times?: number;
}

/** Faults that wait for their request. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  take(method: string, path: string): FaultKind | undefined {
    const found = this.#waiting.find(
      ({ fault, left }) => left > 0 && fault.method === method && fault.path.test(path),
    );
    if (found === undefined) return undefined;
    found.left--;
    return found.fault.kind;
  }
}
