import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareCodePoints } from './files.ts';

test('strings are ordered by code point: as their UTF-8, which has that order, is by bytes', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'),
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareCodePoints(a, b))).toBe(bytes);
    }),
  );
});
