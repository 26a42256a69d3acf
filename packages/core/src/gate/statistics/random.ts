/**
 * The generator xoshiro128** (Blackman & Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47, 2021),
 * seeded by splitmix32, so that a seed gives the same numbers on every machine.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    let state = seed | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next();
  }

  /** The next 32 random bits, as a number from 0 to 2³² − 1. */
  next(): number {
    const five = Math.imul(this.#b, 5);
    const word = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return word;
  }

  /**
   * Draws `draws` of `tally.length` things with replacement and adds to `tally` how often each came. The chance of a
   * thing is off by less than tally.length / 2³² of itself (multiplication instead of rejection, Lemire 2019).
   */
  tally(tally: Uint32Array, draws: number): void {
    // Locals, because a field, or a global, that is read and written a billion times is what this costs.
    const { imul } = Math;
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    const scale = tally.length / 2 ** 32;
    for (let i = 0; i < draws; i++) {
      const five = imul(b, 5);
      const word = imul((five << 7) | (five >>> 25), 9) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      const index = (word * scale) | 0;
      tally[index] = (tally[index] as number) + 1;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}
