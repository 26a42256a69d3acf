import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UserError } from '../../../action/errors.ts';
import { VARIABLES, formatCondition, type Clause } from './language.ts';
import { parseCondition } from './parse.ts';

const parse = (text: string): readonly Clause[] => parseCondition(text, "The rule 'x'");

describe('a condition', () => {
  test('has factors, a comparison, a threshold and a tolerance', () => {
    expect(parse('n - 1.1 * o > 0.01 +/- 0.01 /\\ d < 0.1 +/- 0.02')).toEqual([
      { factors: { n: 1, o: -1.1, d: 0 }, comparison: '>', threshold: 0.01, tolerance: 0.01 },
      { factors: { n: 0, o: 0, d: 1 }, comparison: '<', threshold: 0.1, tolerance: 0.02 },
    ]);
  });

  test.each([
    ['without spaces', 'n-o>0.02+/-0.01', 'n - o > 0.02 +/- 0.01'],
    ['over lines', 'n\n  - o >\t0.02 +/- 0.01\n', 'n - o > 0.02 +/- 0.01'],
    ['with a factor behind', 'o * 2 - n < -0.5 +/- 1e-2', '-n + 2 * o < -0.5 +/- 0.01'],
    ['with a variable twice', 'n + n - o > .5 +/- .1', '2 * n - o > 0.5 +/- 0.1'],
    ['with minus zero', 'n - o > -0 +/- 0.1', 'n - o > 0 +/- 0.1'],
  ])('may be written %s', (_, text, canonical) => {
    expect(formatCondition(parse(text))).toBe(canonical);
  });

  const number = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
  const factor = fc.oneof(
    fc.constant(0),
    fc.constant(1),
    fc.constant(-1),
    number,
    number.map((x) => -x),
  );
  const clause: fc.Arbitrary<Clause> = fc
    .record({
      factors: fc.record({ n: factor, o: factor, d: factor }),
      comparison: fc.constantFrom('>', '<'),
      threshold: fc.oneof(
        fc.constant(0),
        number,
        number.map((x) => -x),
      ),
      tolerance: number,
    })
    .filter(({ factors }) => VARIABLES.some((variable) => factors[variable] !== 0));

  test('that is written and parsed again is the same', () => {
    fc.assert(
      fc.property(fc.array(clause, { minLength: 1, maxLength: 4 }), (condition) => {
        expect(parse(formatCondition(condition))).toEqual(condition);
      }),
    );
  });

  test.each<[string, number, string]>([
    ['n - q > 0.02 +/- 0.01', 5, "there is 'q', and expected is n, o, d, or a number and '*'"],
    ['n - new > 0.02 +/- 0.01', 5, "there is 'new', and expected is n, o, d"],
    ['n - o >= 0.02 +/- 0.01', 8, "there is '=', and expected is a number to compare with"],
    ['n - o > 0.02', 13, "it ends, and expected is '+/-' and a tolerance"],
    ['n - o > 0.02 ± 0.01', 14, "there is '±', and expected is '+/-'"],
    ['n - o > 0.02 +/- 0', 18, 'the tolerance is 0'],
    ['n - o > 0.02 +/- -0.1', 18, "there is '-', and expected is a tolerance above 0"],
    ['n - o > 0.02 +/- 0.01 /\\', 25, 'it ends, and expected is n, o, d'],
    [
      'n - o > 0.02 +/- 0.01 && d < 1 +/- 1',
      23,
      "there is '&', and expected is '/\\' and another clause, or the end",
    ],
    ['n - o + 0.1 > 0 +/- 0.01', 13, 'a number alone belongs to the right'],
    ['n * o > 0.02 +/- 0.01', 5, "there is 'o', and expected is a number"],
    ['2n > 0.02 +/- 0.01', 2, "there is 'n', and expected is '*'"],
    ['n - n > 0.02 +/- 0.01', 1, 'the left side is always 0'],
    ['n', 2, "it ends, and expected is '+', '-', '>' or '<'"],
    ['n > 1e999 +/- 0.01', 5, "there is '1e999', and expected is a number"],
    ['', 1, 'it ends'],
  ])('%s is refused at position %d', (text, position, problem) => {
    expect(() => parse(text)).toThrow(
      `The rule 'x': the condition '${text}' is not understood at position ${position}: `,
    );
    expect(() => parse(text)).toThrow(problem);
  });

  const outcome = (text: string): string => {
    try {
      parse(text);
      return 'parsed';
    } catch (error) {
      return error instanceof UserError ? `${error.reasonCode}: ${error.message}` : String(error);
    }
  };

  test('of any text is parsed or refused with a position', () => {
    const words = fc.constantFrom(
      'n',
      'o',
      'd',
      '0.1',
      '2',
      '+/-',
      '/\\',
      '+',
      '-',
      '*',
      '<',
      '>',
      ' ',
      '(',
      'é',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        expect(outcome(parts.join(''))).toMatch(/^parsed$|^bad-config: .* at position \d+: /);
      }),
    );
  });
});
