import { createHash, hash, type Hash } from 'node:crypto';

/** An object of git as `git cat-file --batch` prints it. */
export interface PrintedObject {
  readonly type: string;
  readonly size: number;
  /** The id that its bytes have, whatever id git was asked for: git hashes what it fetches, never again what it reads. */
  readonly id: string;
  /** One character a byte; absent when there are more than the reader takes. */
  readonly bytes?: string;
}

interface Reading {
  /** The hash that makes the ids: `sha1` or `sha256`. */
  readonly format: string;
  /** Bytes of the longest object that is kept; of longer ones only the id is found out. */
  readonly longest: number;
  /** Called once for each object that was asked for, in their order; undefined for one that is missing. */
  readonly take: (object: PrintedObject | undefined) => void;
}

/** An object that is too long to be kept, while its bytes come. */
interface LongObject {
  readonly type: string;
  readonly size: number;
  readonly hash: Hash;
  /** Bytes still to come, the line break after them included. */
  readonly left: number;
}

/**
 * Parses the answer of `git cat-file --batch` as it comes: `<id> <type> <size>`, the bytes and a line break for each
 * object, or `<id> missing`.
 */
export function readPrinted(reading: Reading): (chunk: Buffer) => void {
  const short = new ShortObjects(reading);
  let long: LongObject | undefined;
  return (chunk) => {
    for (let rest = chunk; rest.length > 0;) {
      if (long === undefined) [long, rest] = short.read(rest);
      else [long, rest] = readLong(long, rest, reading.take);
    }
  };
}

function readLong(
  { left, ...long }: LongObject,
  chunk: Buffer,
  take: Reading['take'],
): [LongObject | undefined, Buffer] {
  long.hash.update(chunk.subarray(0, left - 1));
  if (left > chunk.length) return [{ ...long, left: left - chunk.length }, chunk.subarray(chunk.length)];
  take({ type: long.type, size: long.size, id: long.hash.digest('hex') });
  return [undefined, chunk.subarray(left)];
}

/** Reads objects up to the first that is too long. */
class ShortObjects {
  readonly #reading: Reading;
  /** One character a byte: sizes are in bytes, and pieces of one string cost nothing. */
  #waiting: string[] = [];
  #lacking = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Returns the object that is too long, if one begins here, and the bytes from there on. */
  read(chunk: Buffer): [LongObject | undefined, Buffer] {
    const { format, longest, take } = this.#reading;
    const none = chunk.subarray(chunk.length);
    this.#waiting.push(chunk.toString('latin1'));
    this.#lacking -= chunk.length;
    if (this.#lacking > 0) return [undefined, none];
    const text = this.#waiting.join('');
    let at = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      const [, type = '', digits] = text.slice(at, end).split(' ');
      const size = digits === undefined ? -1 : Number(digits);
      const next = end + 1 + size;
      if (size > longest) {
        [this.#waiting, this.#lacking] = [[], 0];
        const started = createHash(format).update(objectHeader(type, size));
        return [{ type, size, hash: started, left: size + 1 }, Buffer.from(text.slice(end + 1), 'latin1')];
      }
      this.#lacking = next + 1 - text.length;
      if (this.#lacking > 0) break;
      const bytes = text.slice(end + 1, next);
      take(digits === undefined ? undefined : { type, size, id: idOf(type, bytes, format), bytes });
      at = next + 1;
    }
    this.#waiting = [text.slice(at)];
    return [undefined, none];
  }
}

/** What is wrong with a repository that has other bytes under an id, and what to do. */
export function forgedObject(id: string): string {
  return `the .git folder of this checkout holds other bytes under the object id ${id}, which were not believed. Something wrote into .git, such as a command of this job or an earlier job on this runner: find out what, and delete the checkout`;
}

/** What git hashes before the bytes (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). */
export function objectHeader(type: string, size: number): string {
  return `${type} ${size}\0`;
}

function idOf(type: string, bytes: string, format: string): string {
  return hash(format, Buffer.from(objectHeader(type, bytes.length) + bytes, 'latin1'), 'hex');
}
