import { Random } from '@sluice/core/gate/statistics/random.ts';
import { normalQuantile } from '@sluice/core/statistics/normal.ts';
import type { Sums } from '@sluice/core/rollout/analysis/samples.ts';

/** Random numbers of a simulation; sums of many samples are drawn at once, from their own distributions. */
export class Draw {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  uniform(): number {
    return (this.#random.next() + 0.5) / 2 ** 32;
  }

  normal(): number {
    return normalQuantile(this.uniform());
  }

  /** Jumps from hit to hit. */
  hits(n: number, p: number): number {
    if (p > 0.5) return n - this.hits(n, 1 - p);
    let hits = -1;
    for (let at = 0; at <= n; hits++) at += Math.floor(Math.log(this.uniform()) / Math.log1p(-p)) + 1;
    return hits;
  }

  shares(n: number, p: number): Sums {
    return { kind: 'proportion', n, hits: this.hits(n, p) };
  }

  /** Sums of n normal numbers: their mean is normal and their squares are a gamma variable. */
  normals(kind: 'mean' | 'log-mean', n: number, mean: number, deviation: number): Sums {
    return {
      kind,
      n,
      mean: mean + (deviation / Math.sqrt(n)) * this.normal(),
      m2: n < 2 ? 0 : 2 * deviation ** 2 * this.#gamma((n - 1) / 2),
    };
  }

  /** Marsaglia & Tsang, "A simple method for generating gamma variables", 2000. */
  #gamma(shape: number): number {
    if (shape < 1) return this.#gamma(shape + 1) * this.uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const x = this.normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(this.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  }
}
