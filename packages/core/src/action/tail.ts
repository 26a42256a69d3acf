/** The end of an output whose length nobody knows. */
export class Tail {
  readonly #most: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(most: number) {
    this.#most = most;
  }

  add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(-this.#most)]).subarray(-this.#most);
  }

  /** The text, from the first whole character on. */
  toString(): string {
    let start = 0;
    while (start < 3 && ((this.#bytes[start] ?? 0) & 0xc0) === 0x80) start++;
    return this.#bytes.toString('utf8', start);
  }
}
