import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextStep } from './waiting.ts';

const run = { id: 1, address: 'https://github.com/acme/flights/actions/runs/1' };
const time = fc.integer({ min: 0, max: 10_000_000 });

describe('nextStep', () => {
  test('pauses grow from 2 s to 30 s', () => {
    const pauses = Array.from({ length: 9 }, (_, pause) =>
      nextStep([run], { elapsedMs: 0, waitMs: 3_600_000, pauses: pause }),
    );
    expect(pauses.map((step) => (step.kind === 'pause' ? step.ms : step.kind))).toEqual([
      2000, 3000, 4500, 6750, 10_125, 15_187.5, 22_781.25, 30_000, 30_000,
    ]);
  });

  test('without an active run there is nothing to wait for, however much time there is', () => {
    fc.assert(
      fc.property(time, time, fc.nat(), (elapsedMs, waitMs, pauses) => {
        expect(nextStep([], { elapsedMs, waitMs, pauses })).toEqual({ kind: 'ended' });
      }),
    );
  });

  test('it never waits beyond the time there is, and gives up exactly when that is over', () => {
    fc.assert(
      fc.property(time, time, fc.nat(), (elapsedMs, waitMs, pauses) => {
        const step = nextStep([run], { elapsedMs, waitMs, pauses });
        expect(step.kind).toBe(elapsedMs >= waitMs ? 'give-up' : 'pause');
        const ms = step.kind === 'pause' ? step.ms : undefined;
        expect(ms === undefined || (ms > 0 && elapsedMs + ms <= waitMs)).toBe(true);
      }),
    );
  });

  test('a run that never ends is asked about a bounded number of times', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 * 3_600_000 }), (waitMs) => {
        let elapsedMs = 0;
        let pauses = 0;
        for (;;) {
          const step = nextStep([run], { elapsedMs, waitMs, pauses });
          if (step.kind !== 'pause') break;
          elapsedMs += step.ms;
          pauses++;
        }
        expect(pauses).toBeLessThanOrEqual(8 + Math.ceil(waitMs / 30_000));
      }),
    );
  });
});
