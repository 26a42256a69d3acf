import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tail } from './tail.ts';

test('holds the last bytes, however they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary-ascii' })),
      fc.integer({ min: 1, max: 20 }),
      (chunks, most) => {
        const tail = new Tail(most);
        for (const chunk of chunks) tail.add(Buffer.from(chunk));
        expect(String(tail)).toBe(chunks.join('').slice(-most));
      },
    ),
  );
});

test('begins with a whole character', () => {
  const tail = new Tail(5);
  tail.add(Buffer.from('🐢🐢'));
  expect(String(tail)).toBe('🐢');
});
