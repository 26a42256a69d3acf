import { describe, expect, test, beforeAll } from '@jest/globals';
import fc from 'fast-check';
import { EVERY_METRIC } from '@sluice/testing/metrics.ts';
import { groupsOf } from '@sluice/core/gate/groups.ts';
import { computeMetric } from '@sluice/core/gate/metrics/catalogue.ts';
import type { Measurement } from '@sluice/core/gate/measurement.ts';
import type { Sample } from '@sluice/core/gate/sample.ts';
import { askPython } from './python.ts';

interface Case {
  readonly kind: 'binary' | 'classes' | 'numbers' | 'queries';
  readonly label: number[];
  readonly prediction: number[];
  readonly score?: number[];
  readonly classScores?: number[][];
  readonly query?: number[];
  readonly latency?: number[];
}

/** Coarse scores make ties, zero rows of a class and constant columns common. */
const binary = fc.integer({ min: 1, max: 60 }).chain((n) =>
  fc.record({
    kind: fc.constant('binary' as const),
    label: column(fc.constantFrom(0, 1), n),
    prediction: column(fc.constantFrom(0, 1), n),
    score: column(
      fc.oneof(fc.constantFrom(0, 0.25, 0.5, 0.75, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      n,
    ),
  }),
);
const classes = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 3, max: 5 })).chain(([n, k]) =>
  fc
    .record({
      kind: fc.constant('classes' as const),
      label: column(fc.integer({ min: 0, max: k - 1 }), n),
      prediction: column(fc.integer({ min: 0, max: k - 1 }), n),
      weights: fc.array(column(fc.integer({ min: 1, max: 50 }), n), { minLength: k, maxLength: k }),
    })
    .map(({ weights, ...rest }) => ({
      ...rest,
      classScores: weights.map((w) =>
        w.map((x, i) => x / weights.reduce((sum, v) => sum + (v[i] as number), 0)),
      ),
    })),
);
const numbers = fc.integer({ min: 1, max: 60 }).chain((n) =>
  fc.record({
    kind: fc.constant('numbers' as const),
    label: column(measured(), n),
    prediction: column(measured(), n),
  }),
);

/** Up to six rows a query, so that the reference can try every order of tied rows. */
const queries = fc
  .array(
    fc.array(
      fc.record({
        label: fc.integer({ min: 0, max: 3 }),
        score: fc.oneof(fc.constantFrom(0.2, 0.5), fc.double({ min: 0, max: 1, noNaN: true })),
        latency: fc.double({ min: 0, max: 500, noNaN: true }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((given) => {
    const rows = given.flatMap((own, query) => own.map((row) => ({ ...row, query })));
    return {
      kind: 'queries' as const,
      label: rows.map((row) => row.label),
      prediction: rows.map(() => 0),
      score: rows.map((row) => row.score),
      query: rows.map((row) => row.query),
      latency: rows.map((row) => row.latency),
    };
  });

function column<T>(of: fc.Arbitrary<T>, n: number): fc.Arbitrary<T[]> {
  return fc.array(of, { minLength: n, maxLength: n });
}

function measured(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.double({ min: -1e4, max: 1e4, noNaN: true }).filter((x) => Math.abs(x) > 1e-3),
  );
}

function toSample(given: Case): Sample {
  return {
    rows: given.label.length,
    label: Float64Array.from(given.label),
    prediction: Float64Array.from(given.prediction),
    ...(given.score === undefined ? {} : { score: Float64Array.from(given.score) }),
    ...(given.query === undefined ? {} : { queries: groupsOf(given.query) }),
    ...(given.latency === undefined ? {} : { latency: Float64Array.from(given.latency) }),
    ...(given.classScores === undefined
      ? {}
      : { classScores: new Map(given.classScores.map((s, k) => [String(k), Float64Array.from(s)])) }),
  };
}

const cases: Case[] = [binary, classes, numbers, queries].flatMap((kind, index) =>
  fc.sample(kind as fc.Arbitrary<Case>, { numRuns: 150, seed: 20240501 + index }),
);
let reference: Record<string, number | null>[] = [];

beforeAll(async () => {
  reference = await askPython('metrics_reference.py', cases);
}, 60_000);

/** Where scikit-learn has no value, there must be a reason and no number. */
function agrees(found: Measurement | undefined, expected: number | null): boolean {
  if (found?.kind !== 'value') return expected === null && found?.reason === 'undefined-metric';
  return expected !== null && Math.abs(found.value - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
}

describe('agrees with scikit-learn to 1e-9', () => {
  test.each(EVERY_METRIC)('%s', (metric) => {
    let values = 0;
    const wrong = cases.flatMap((given, i) => {
      const expected = reference[i]?.[metric];
      if (expected === undefined) return [];
      const found = computeMetric(metric, toSample(given));
      if (expected !== null) values++;
      return agrees(found, expected) ? [] : [{ given, expected, found }];
    });
    expect(wrong).toEqual([]);
    expect(values).toBeGreaterThan(25);
  });
});
