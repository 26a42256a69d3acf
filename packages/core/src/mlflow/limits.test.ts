import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batches, fitMetrics, fitParams, fitTags } from './limits.ts';

describe('what MLflow takes', () => {
  test('long values are cut, and a note names them', () => {
    const { entries, notes } = fitParams([
      { key: 'short', value: 'x' },
      { key: 'long', value: 'y'.repeat(6001) },
    ]);
    expect(entries.map(({ value }) => value.length)).toEqual([1, 6000]);
    expect(notes).toEqual([expect.stringContaining("'long' has 6001 characters and MLflow keeps 6000")]);
    expect(fitTags([{ key: 'tag', value: 'z'.repeat(8000) }]).notes).toEqual([]);
  });

  test.each([
    ['recall@5', 'recall_5'],
    ['data/../x', 'data/x'],
    ['/abs', 'abs'],
    ['größe', 'gr__e'],
    ['a b.c-d:e/f_g', 'a b.c-d:e/f_g'],
  ])('the name %s becomes %s', (given, fitted) => {
    const { entries, notes } = fitMetrics([{ key: given, value: 1 }]);
    expect(entries).toEqual([{ key: fitted, value: 1 }]);
    expect(notes).toHaveLength(given === fitted ? 0 : 1);
  });

  test('of two names that become one, the second is left out with a note', () => {
    const { entries, notes } = fitMetrics([
      { key: 'a@b', value: 1 },
      { key: 'a#b', value: 2 },
    ]);
    expect(entries).toEqual([{ key: 'a_b', value: 1 }]);
    expect(notes[1]).toContain("'a#b' was left out");
  });

  test('batches keep everything in order and stay within the limits', () => {
    const sizes = fc.integer({ min: 0, max: 3000 });
    fc.assert(
      fc.property(sizes, sizes, sizes, (m, p, t) => {
        const entries = (n: number) => Array.from({ length: n }, (_, i) => ({ key: `k${i}`, value: 'v' }));
        const metrics = entries(m).map(({ key }, value) => ({ key, value }));
        const made = batches(metrics, entries(p), entries(t));
        expect(made.flatMap((b) => b.metrics)).toEqual(metrics);
        expect(made.flatMap((b) => b.params)).toEqual(entries(p));
        expect(made.flatMap((b) => b.tags)).toEqual(entries(t));
        for (const { metrics, params, tags } of made) {
          expect(Math.max(params.length, tags.length)).toBeLessThanOrEqual(100);
          expect(metrics.length + params.length + tags.length).toBeLessThanOrEqual(1000);
        }
      }),
      { numRuns: 30 },
    );
  });
});
