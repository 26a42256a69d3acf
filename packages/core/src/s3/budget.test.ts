import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { Budget } from './budget.ts';

test('never more than the budget is out, all get a share, and first come, first served', async () => {
  const wish = fc.record({ share: fc.integer({ min: 0, max: 15 }), turns: fc.nat(4), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { minLength: 1, maxLength: 30 }), async (wishes) => {
      const budget = new Budget(10);
      let out = 0;
      const order: number[] = [];
      const ends = await Promise.allSettled(
        wishes.map(({ share, turns, fails }, index) =>
          budget.with(share, async () => {
            order.push(index);
            out += Math.min(share, 10);
            expect(out).toBeLessThanOrEqual(10);
            for (let i = 0; i < turns; i++) await turn();
            out -= Math.min(share, 10);
            if (fails) throw new Error('no');
          }),
        ),
      );
      expect(order).toEqual(wishes.map((_, index) => index));
      expect(ends.map(({ status }) => status === 'rejected')).toEqual(wishes.map(({ fails }) => fails));
    }),
  );
});
