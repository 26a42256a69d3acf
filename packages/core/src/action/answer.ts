import type { Readable } from 'node:stream';

/** What a program answers on its standard output, up to a bound. */
export class Answer {
  /** Resolves when the answer turns out to be longer than the bound; nothing more is read then. */
  readonly tooLong: Promise<void>;
  readonly #most: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #source: Readable | undefined;
  #overflow: () => void = () => undefined;

  constructor(most: number) {
    this.#most = most;
    this.tooLong = new Promise((resolve) => (this.#overflow = resolve));
  }

  readFrom(source: Readable): void {
    this.#source = source;
    source.on('data', this.#add);
  }

  readonly #add = (chunk: Buffer): void => {
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    if (this.#bytes <= this.#most) return;
    this.end();
    this.#overflow();
  };

  /** Reads no more: what the program started may hold the stream for ever. */
  end(): void {
    this.#source?.off('data', this.#add);
    this.#source?.destroy();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
