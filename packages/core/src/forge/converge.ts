/**
 * What several writers keep in one text that each of them can only replace as a whole. `merge` is commutative,
 * associative and idempotent, and `holds(a, b)` says that merging `b` into `a` would change nothing that matters.
 */
export interface Shared<T> {
  readonly read: (text: string) => T;
  readonly merge: (one: T, other: T) => T;
  readonly holds: (value: T, wanted: T) => boolean;
  readonly write: (value: T) => string;
}

/** A text as the forge has it. Ids grow with time. */
export interface StoredText {
  readonly id: number;
  readonly text: string;
}

/** What a writer does next. */
export type Step =
  | { readonly kind: 'create'; readonly text: string }
  | { readonly kind: 'update'; readonly id: number; readonly text: string }
  /** Texts whose contents the oldest one holds as well. */
  | { readonly kind: 'remove'; readonly ids: readonly number[] }
  | { readonly kind: 'done' };

/** A step, and all that is known after what was read for it. */
export interface Decided<T> {
  readonly step: Step;
  readonly known: T;
}

/**
 * Decides what a writer that knows `known` does after it read `stored`. The oldest text is the one that counts; later
 * ones are what writers made that did not see it yet, and go once it holds what they hold.
 *
 * There is no compare-and-swap, so two writers may overwrite each other. A writer therefore remembers all that it has
 * ever read, waits after each write and decides again, until it reads a text that holds all it knows. Every text ends
 * complete as long as each writer waits longer than another takes from reading to having written: the last writer of a
 * part reads again after every write that was decided without that part, and restores it.
 */
export function nextStep<T>(
  stored: readonly StoredText[],
  known: T,
  shared: Shared<T>,
  mayCreate: boolean,
): Decided<T> {
  const [oldest, ...later] = [...stored].sort((a, b) => a.id - b.id);
  if (oldest === undefined) {
    return { known, step: mayCreate ? { kind: 'create', text: shared.write(known) } : { kind: 'done' } };
  }
  const kept = shared.read(oldest.text);
  const all = [kept, ...later.map(({ text }) => shared.read(text))].reduce(shared.merge, known);
  if (!shared.holds(kept, all)) {
    return { known: all, step: { kind: 'update', id: oldest.id, text: shared.write(all) } };
  }
  return {
    known: all,
    step: later.length === 0 ? { kind: 'done' } : { kind: 'remove', ids: later.map(({ id }) => id) },
  };
}
