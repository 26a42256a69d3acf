import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Clause } from './language.ts';
import { accepts, canComeOut, conjunction, truthOf, valueOf, type Mode, type Truth } from './truth.ts';
import { parseCondition } from './parse.ts';

const clause = (text: string): Clause => parseCondition(text, 'test')[0]!;
const truths = fc.constantFrom<Truth>('true', 'false', 'unknown');
const share = fc.double({ min: -1, max: 1, noNaN: true });
const clauses = fc.record({
  factors: fc.constant({ n: 1, o: -1, d: 0 }),
  comparison: fc.constantFrom('>' as const, '<' as const),
  threshold: share,
  tolerance: fc.double({ min: 1e-6, max: 1, noNaN: true }),
});

describe('a clause', () => {
  test.each<[string, number, Truth]>([
    ['n > 0.1 +/- 0.01', 0.12, 'true'],
    ['n > 0.1 +/- 0.01', 0.105, 'unknown'],
    ['n > 0.1 +/- 0.01', 0.095, 'unknown'],
    ['n > 0.1 +/- 0.01', 0.08, 'false'],
    ['n < 0.1 +/- 0.01', 0.12, 'false'],
    ['n < 0.1 +/- 0.01', 0.105, 'unknown'],
    ['n < 0.1 +/- 0.01', 0.08, 'true'],
    // The end of the interval is the threshold, which is not more than itself.
    ['n > 0.5 +/- 0.25', 0.75, 'unknown'],
    ['n > 0.5 +/- 0.25', 0.25, 'false'],
    ['n < 0.5 +/- 0.25', 0.25, 'unknown'],
    ['n < 0.5 +/- 0.25', 0.75, 'false'],
  ])('%s of %d is %s', (text, value, truth) => {
    expect(truthOf(clause(text), value)).toBe(truth);
  });

  test('is the sum of its variables', () => {
    expect(valueOf(clause('2 * n - o + d > 0 +/- 1'), { n: 0.75, o: 0.5, d: 0.25 })).toBe(1.25);
    expect(valueOf(clause('n > 0 +/- 1'), { n: 0.75, o: NaN, d: NaN })).toBe(0.75);
  });

  test('that is true or false stays so with a tighter tolerance: more rows never turn a true into a false', () => {
    fc.assert(
      fc.property(clauses, share, fc.double({ min: 0, max: 1, noNaN: true }), (given, value, part) => {
        const before = truthOf(given, value);
        const after = truthOf({ ...given, tolerance: given.tolerance * part }, value);
        expect(before === 'unknown' || after === before).toBe(true);
      }),
    );
  });

  test('is never true of > and of < at once', () => {
    fc.assert(
      fc.property(clauses, share, (given, value) => {
        const [more, less] = (['>', '<'] as const).map((comparison) =>
          truthOf({ ...given, comparison }, value),
        );
        expect(more !== 'true' || less === 'false').toBe(true);
        expect(less !== 'true' || more === 'false').toBe(true);
      }),
    );
  });

  test('of better estimates never turns from accepted to rejected', () => {
    fc.assert(
      fc.property(clauses, share, share, fc.constantFrom<Mode>('fp-free', 'fn-free'), (given, a, b, mode) => {
        const more = { ...given, comparison: '>' as const };
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const accepted = (value: number): boolean => accepts(truthOf(more, value), mode);
        expect(accepted(low) && !accepted(high)).toBe(false);
      }),
    );
  });
});

describe('the conjunction', () => {
  test('follows the laws of three-valued logic', () => {
    fc.assert(
      fc.property(truths, truths, truths, (a, b, c) => {
        expect(conjunction([a, b])).toBe(conjunction([b, a]));
        expect(conjunction([a, conjunction([b, c])])).toBe(conjunction([conjunction([a, b]), c]));
        expect(conjunction([a, a])).toBe(a);
        expect(conjunction([a, 'true'])).toBe(a);
        expect(conjunction([a, 'false'])).toBe('false');
      }),
    );
  });

  test('of what is known agrees with what the unknown may turn out to be', () => {
    const possible = (truth: Truth): boolean[] => (truth === 'unknown' ? [true, false] : [truth === 'true']);
    fc.assert(
      fc.property(fc.array(truths, { minLength: 1, maxLength: 4 }), (given) => {
        const outcomes = given
          .map(possible)
          .reduce((all, next) => all.flatMap((one) => next.map((other) => one && other)), [true]);
        const expected = outcomes.every(Boolean) ? 'true' : outcomes.some(Boolean) ? 'unknown' : 'false';
        expect(conjunction(given)).toBe(expected);
      }),
    );
  });
});

test('fn-free accepts all that fp-free accepts', () => {
  expect(accepts('true', 'fp-free')).toBe(true);
  expect(accepts('unknown', 'fp-free')).toBe(false);
  expect(accepts('unknown', 'fn-free')).toBe(true);
  expect(accepts('false', 'fn-free')).toBe(false);
});

test.each<[string, Mode, boolean, boolean]>([
  ['n > 0.9 +/- 0.05', 'fp-free', true, true],
  ['n > 0.99 +/- 0.05', 'fp-free', false, true],
  ['n > 0.01 +/- 0.05', 'fn-free', true, false],
  ['n > 0.01 +/- 0.05', 'fp-free', true, true],
  ['d < 0.1 +/- 0.05 /\\ n > 0.01 +/- 0.05', 'fn-free', true, true],
  ['d < 0.01 +/- 0.05', 'fp-free', false, true],
])('%s in %s can be accepted: %s, rejected: %s', (text, mode, accepted, rejected) => {
  expect(canComeOut(parseCondition(text, 'test'), mode)).toEqual({ accepted, rejected });
});
