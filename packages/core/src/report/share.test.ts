import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shareOut } from './share.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

test('nobody gets more than wanted, nothing is given twice, and who gets less gets as much as anybody', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 100 }), { maxLength: 8 }),
      fc.integer({ min: -5, max: 400 }),
      (wanted, budget) => {
        const shares = shareOut(wanted, budget);
        const largest = Math.max(0, ...shares);
        const short = shares.filter((share, i) => share < (wanted[i] as number));
        expect(shares.every((share, i) => share <= (wanted[i] as number))).toBe(true);
        // Whole numbers: a remainder of one cannot be shared.
        expect(short.every((share) => share >= largest - 1)).toBe(true);
        expect(sum(shares)).toBeLessThanOrEqual(Math.max(0, budget));
        const left = Math.max(0, budget) - sum(shares);
        expect(short.length === 0 || left < wanted.length).toBe(true);
      },
    ),
  );
});
