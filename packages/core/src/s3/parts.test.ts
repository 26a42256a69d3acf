import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partsOf } from './parts.ts';

const MIB = 1 << 20;

test('parts cover every file up to what S3 can hold, in at most 10,000 parts of at least 5 MiB', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(200 * MIB), fc.integer({ min: 0, max: 5 * 2 ** 40 })), (bytes) => {
      const parts = partsOf(bytes);
      expect(parts.length).toBeLessThanOrEqual(10_000);
      expect(parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(bytes);
      const wrong = parts.filter(
        ({ number, start, bytes: length }, index) =>
          number !== index + 1 ||
          start !== (index === 0 ? 0 : (parts[index - 1]?.start ?? 0) + (parts[index - 1]?.bytes ?? 0)) ||
          (length < 5 * MIB && number < parts.length),
      );
      expect(wrong).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
