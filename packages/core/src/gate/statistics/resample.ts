import type { Groups } from '../groups.ts';
import { Random } from './random.ts';

/** What is drawn in a resample: rows, rows within each stratum, or whole clusters. */
export type Design =
  | { readonly kind: 'rows'; readonly rows: number }
  | { readonly kind: 'strata'; readonly rows: number; readonly strata: readonly Uint32Array[] }
  | { readonly kind: 'clusters'; readonly rows: number; readonly clusters: Groups };

/** Draws how often each row counts in a resample. */
export class Resampler {
  readonly #design: Design;
  readonly #random: Random;
  readonly #tallies: readonly Uint32Array[];

  constructor(design: Design, seed: number) {
    this.#design = design;
    this.#random = new Random(seed);
    this.#tallies = sizes(design).map((size) => new Uint32Array(size));
  }

  /** Overwrites `weights`, one per row, with the next resample. */
  draw(weights: Uint32Array): void {
    const design = this.#design;
    if (design.kind === 'rows') {
      weights.fill(0);
      this.#random.tally(weights, design.rows);
      return;
    }
    for (const tally of this.#tallies) {
      tally.fill(0);
      this.#random.tally(tally, tally.length);
    }
    if (design.kind === 'strata') spreadStrata(design.strata, this.#tallies, weights);
    else spreadClusters(design.clusters, this.#tallies[0] as Uint32Array, weights);
  }
}

function sizes(design: Design): number[] {
  if (design.kind === 'rows') return [];
  return design.kind === 'strata' ? design.strata.map((s) => s.length) : [design.clusters.count];
}

function spreadStrata(
  strata: readonly Uint32Array[],
  tallies: readonly Uint32Array[],
  weights: Uint32Array,
): void {
  strata.forEach((rows, s) => {
    const tally = tallies[s] as Uint32Array;
    for (let i = 0; i < rows.length; i++) weights[rows[i] as number] = tally[i] as number;
  });
}

function spreadClusters({ of }: Groups, tally: Uint32Array, weights: Uint32Array): void {
  for (let i = 0; i < weights.length; i++) weights[i] = tally[of[i] as number] as number;
}

/** The rows of each value of a column of codes. */
export function strataOf(codes: ArrayLike<number>): Uint32Array[] {
  const rows = new Map<number, number[]>();
  for (let i = 0; i < codes.length; i++) {
    const stratum = rows.get(codes[i] as number);
    if (stratum === undefined) rows.set(codes[i] as number, [i]);
    else stratum.push(i);
  }
  return [...rows.values()].map((r) => Uint32Array.from(r));
}
