import { describe, expect, test } from '@jest/globals';
import { mcnemarMidP, tangoInterval } from './mcnemar.ts';
import { normalQuantile } from '../../statistics/normal.ts';

describe('worked examples', () => {
  test('airway hyper-responsiveness (Fagerland, Lydersen & Laake 2014)', () => {
    const counts = { rows: 21, better: 1, worse: 7 };
    expect(tangoInterval(counts, 0.95).map((x) => x.toFixed(3))).toEqual(['-0.517', '-0.026']);
    expect(mcnemarMidP(counts).toFixed(3)).toBe('0.039');
  });

  test('complete response before and after consolidation therapy (Cavo et al. 2012, in Fagerland et al. 2013)', () => {
    expect(mcnemarMidP({ rows: 161, better: 6, worse: 16 }).toFixed(3)).toBe('0.035');
  });

  test('without a discordant row the interval ends at z²/(n + z²)', () => {
    const z2 = normalQuantile(0.975) ** 2;
    expect(tangoInterval({ rows: 50, better: 0, worse: 0 }, 0.95)[1]).toBeCloseTo(z2 / (50 + z2), 12);
    expect(mcnemarMidP({ rows: 50, better: 0, worse: 0 })).toBe(1);
  });
});
