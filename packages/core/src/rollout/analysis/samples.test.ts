import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { meanOf, merge, observe, proportionOf, samplesSchema, type Sums } from './samples.ts';

const errors = (n: number, hits: number): Sums => ({ kind: 'proportion', n, hits });
const seen = (sums: Parameters<typeof observe>[0], metric = 'errors') => [
  { metric, observation: observe(sums) },
];

describe('an observation', () => {
  test('of nothing is no data, whatever stable did', () => {
    expect(observe({ candidate: errors(0, 0), stable: errors(500, 2) })).toEqual({
      kind: 'no-data',
      message: 'The candidate has no samples in this window.',
    });
    expect(observe({ candidate: proportionOf([]) }).kind).toBe('no-data');
    expect(observe({ candidate: meanOf('log-mean', []) }).kind).toBe('no-data');
  });

  test('leaves out an arm and slices without samples', () => {
    expect(
      observe({
        candidate: errors(5, 1),
        stable: errors(0, 0),
        slices: [
          { name: 'country = NO', candidate: errors(5, 1), stable: errors(0, 0) },
          { name: 'country = SE', candidate: errors(0, 0), stable: errors(9, 0) },
        ],
      }),
    ).toEqual({
      kind: 'samples',
      candidate: errors(5, 1),
      slices: [{ name: 'country = NO', candidate: errors(5, 1) }],
    });
  });

  test.each<[string, Sums]>([
    ['a count that is no number', errors(NaN, 0)],
    ['hits that are no number', errors(10, NaN)],
    ['more hits than samples', errors(10, 11)],
    ['half a hit', errors(10, 0.5)],
    ['fewer than no samples', errors(-1, 0)],
    ['a mean that is no number', { kind: 'mean', n: 3, mean: NaN, m2: 1 }],
    ['an infinite mean', { kind: 'mean', n: 3, mean: Infinity, m2: 1 }],
    ['a negative spread', { kind: 'mean', n: 3, mean: 1, m2: -1 }],
    ['the logarithm of zero', meanOf('log-mean', [3, 0])],
    ['the mean of what is no number', meanOf('mean', [3, NaN])],
  ])('with %s is an error', (_, candidate) => {
    expect(observe({ candidate })).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('The samples make no sense') as unknown,
    });
  });
});

describe('samples of a rollout', () => {
  const numbers = fc.array(fc.double({ min: 0.1, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 30 });

  test.each(['mean', 'log-mean'] as const)('are those of all windows together: %s', (kind) => {
    fc.assert(
      fc.property(numbers, numbers, (first, second) => {
        const apart = merge(
          merge({}, 0, seen({ candidate: meanOf(kind, first) })),
          0,
          seen({ candidate: meanOf(kind, second) }),
        );
        const together = meanOf(kind, [...first, ...second]);
        const found = apart['errors']?.steps[0]?.candidate;
        if (found?.kind !== kind || together.kind !== kind) throw new Error('another kind');
        expect(found.n).toBe(together.n);
        expect(found.mean).toBeCloseTo(together.mean, 6);
        expect(Math.abs(found.m2 - together.m2)).toBeLessThanOrEqual(1e-9 * (1 + together.m2) + 1e-6);
      }),
    );
  });

  test('stay apart by step, and by slice', () => {
    const slice = (name: string, n: number) => ({ name, candidate: errors(n, 1) });
    let samples = merge(
      {},
      0,
      seen({ candidate: errors(10, 1), stable: errors(90, 0), slices: [slice('a', 4)] }),
    );
    samples = merge(samples, 0, seen({ candidate: errors(20, 2), slices: [slice('a', 5), slice('b', 7)] }));
    samples = merge(samples, 1, seen({ candidate: errors(5, 0) }));
    expect(samples['errors']).toEqual({
      steps: [
        {
          step: 0,
          candidate: errors(30, 3),
          stable: errors(90, 0),
          slices: [
            { name: 'a', candidate: errors(9, 2) },
            { name: 'b', candidate: errors(7, 1) },
          ],
        },
        { step: 1, candidate: errors(5, 0) },
      ],
    });
  });

  test('are not lost when a window yields nothing, and the reason is gone with the next', () => {
    const some = merge({}, 0, seen({ candidate: errors(10, 1) }));
    const none = merge(some, 0, seen({ candidate: errors(0, 0) }));
    expect(none['errors']).toEqual({
      steps: some['errors']?.steps,
      trouble: { kind: 'no-data', message: 'The candidate has no samples in this window.' },
    });
    expect(merge(none, 0, seen({ candidate: errors(1, 0) }))['errors']).toEqual({
      steps: [{ step: 0, candidate: errors(11, 1) }],
    });
  });

  test('survive a journal', () => {
    const samples = merge({}, 0, [
      ...seen({ candidate: errors(10, 1), stable: errors(90, 0) }),
      ...seen({ candidate: meanOf('log-mean', [10, 12]) }, 'latency'),
      ...seen({ candidate: errors(0, 0) }, 'agreement'),
    ]);
    expect(samplesSchema.parse(JSON.parse(JSON.stringify(samples)))).toEqual(samples);
  });

  test('a journal cannot claim samples of nothing', () => {
    const forged = { errors: { steps: [{ step: 0, candidate: { kind: 'proportion', n: 0, hits: 0 } }] } };
    expect(samplesSchema.safeParse(forged).success).toBe(false);
    // @ts-expect-error: nor can code.
    expect(merge(forged, 0, [])).toEqual(forged);
  });
});
