import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RowIndex } from './row-index.ts';

const id = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', 'a', 'row-1', 'row-2', '__proto__'));

test('finds what a Map finds, and the first id that occurs again', () => {
  fc.assert(
    fc.property(fc.array(id, { maxLength: 50 }), fc.array(id), (ids, asked) => {
      const index = new RowIndex(ids);
      for (const one of [...ids, ...asked]) {
        const first = ids.indexOf(one);
        expect(index.find(one)).toBe(first < 0 ? undefined : first);
      }
      const again = ids.findIndex((one, row) => ids.indexOf(one) < row);
      expect(index.repeated).toBe(again < 0 ? undefined : again);
    }),
  );
});
