import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LARGEST_ASSET, MOST_PACKS, packFiles } from './packing.ts';

const file = (bytes: number, i: number) => ({ path: `f${i}`, bytes, sha256: 'a'.repeat(64) });

describe('files in assets', () => {
  test('are there once, in order, below the limits of a release', () => {
    const sizes = fc.array(
      fc.oneof(
        fc.constant(0),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 300 << 20 }),
        fc.integer({ min: 1, max: LARGEST_ASSET }),
      ),
      { minLength: 1, maxLength: 3000 },
    );
    fc.assert(
      fc.property(sizes, (given) => {
        const files = given.map(file);
        const packs = packFiles(files);
        const total = given.reduce((sum, bytes) => sum + bytes, 0);
        expect(packs !== undefined || total > (MOST_PACKS / 2 - 1) * LARGEST_ASSET).toBe(true);
        expect(packs?.flatMap((pack) => pack.files) ?? files).toEqual(files);
        expect(packs?.length ?? 0).toBeLessThanOrEqual(MOST_PACKS);
        for (const pack of packs ?? []) {
          expect(pack.bytes).toBeLessThanOrEqual(LARGEST_ASSET);
          expect(pack.bytes).toBe(pack.files.reduce((sum, { bytes }) => sum + bytes, 0));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('are few for many small files', () => {
    expect(packFiles(Array.from({ length: 100_000 }, (_, i) => file(2000, i)))).toHaveLength(2);
  });

  test('do not fit where they are too many too large ones', () => {
    expect(packFiles(Array.from({ length: 1000 }, (_, i) => file(LARGEST_ASSET, i)))).toBeUndefined();
  });
});
