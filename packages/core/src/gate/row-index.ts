import { randomInt } from 'node:crypto';

/** The ids of rows; an array is one, and so is a column that keeps its texts more tightly. */
export interface Ids {
  readonly length: number;
  at(row: number): string | null | undefined;
}

/**
 * Finds rows by their id. A hash table over the rows themselves, which leaves the ids where they are: ten million take
 * 110 MB, a fraction of what a Map of as many texts does.
 */
export class RowIndex {
  readonly #ids: Ids;
  /** Row + 1 by slot, 0 where a slot is free; a taken slot leads to the next. */
  readonly #slots: Uint32Array;
  readonly #hashes: Uint32Array;
  /** The first row whose id an earlier row has; undefined where every id occurs once. */
  readonly repeated: number | undefined;

  constructor(ids: Ids) {
    this.#ids = ids;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(1.5 * ids.length + 1)));
    this.#hashes = new Uint32Array(ids.length);
    let repeated: number | undefined;
    for (let row = 0; row < ids.length; row++) {
      const id = ids.at(row) as string;
      const hash = hashOf(id);
      const slot = this.#slotOf(id, hash);
      if (this.#slots[slot] !== 0) {
        repeated ??= row;
        continue;
      }
      this.#slots[slot] = row + 1;
      this.#hashes[row] = hash;
    }
    this.repeated = repeated;
  }

  /** The first row with this id. */
  find(id: string): number | undefined {
    const taken = this.#slots[this.#slotOf(id, hashOf(id))] as number;
    return taken === 0 ? undefined : taken - 1;
  }

  /** The slot that leads to this id, or the free one where it would be. */
  #slotOf(id: string, hash: number): number {
    const last = this.#slots.length - 1;
    for (let slot = hash & last; ; slot = (slot + 1) & last) {
      const taken = this.#slots[slot] as number;
      if (taken === 0) return slot;
      if (this.#hashes[taken - 1] === hash && this.#ids.at(taken - 1) === id) return slot;
    }
  }
}

/** Not known beforehand, so that nobody can write ids that all fall into one slot. */
const SEED = randomInt(2 ** 32);

/** FNV-1a over UTF-16 units with the last mixing steps of MurmurHash3, so that numbered ids spread over all slots. */
function hashOf(id: string): number {
  let hash = SEED;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** How many of these ids others do not have. */
export function countMissing(ids: Ids, others: Ids): number {
  const index = new RowIndex(others);
  let missing = 0;
  for (let row = 0; row < ids.length; row++) {
    if (index.find(ids.at(row) as string) === undefined) missing++;
  }
  return missing;
}
