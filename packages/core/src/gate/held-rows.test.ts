import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdRows, isOtherCount, type Holding, type TestRows } from './held-rows.ts';
import type { Rows } from './match.ts';

const names = { id: 'id', label: 'label' };
const IDS = ['a', 'b', 'c', 'd'];
const LABELS = ['x', 'y', 'x', 'y'];

type Read = Extract<TestRows, { kind: 'read' }>;
const declared = (more: Partial<Read> = { ids: IDS, label: LABELS }): Read => ({
  kind: 'read',
  rows: 4,
  names,
  ...more,
});
const numbers = (...values: number[]): Float64Array => Float64Array.from(values);
const valueOf = (holding: Holding): Extract<Holding, { kind: 'held' }>['value'] => {
  expect(holding.kind).toBe('held');
  return (holding as Extract<Holding, { kind: 'held' }>).value;
};
const differenceOf = (own: Rows, test: TestRows, isExact = false): string | undefined => {
  const holding = holdRows(own, test, isExact);
  return holding.kind === 'different' ? holding.difference : undefined;
};

/** Rows with unique ids, each with a label, and an order to write them in. */
const rows = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 30 }).chain((ids) =>
  fc.record({
    ids: fc.constant(ids),
    label: fc.array(fc.constantFrom('cat', 'dog', 'owl'), { minLength: ids.length, maxLength: ids.length }),
    order: fc.shuffledSubarray([...ids.keys()], { minLength: ids.length }),
  }),
);

describe('with an id in both', () => {
  test.each([true, false])('all rows count, whatever their order (exactly: %s)', (isExact) => {
    fc.assert(
      fc.property(rows, ({ ids, label, order }) => {
        const own = { ids: order.map((i) => ids[i] as string), label: order.map((i) => label[i] as string) };
        const test = declared({ ids, label, rows: ids.length });
        expect(valueOf(holdRows(own, test, isExact))).toEqual({
          by: ['id', 'label'],
          rows: ids.length,
          declared: ids.length,
          open: [],
        });
      }),
    );
  });

  test('no row can be left out, added or given the label of another class', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.boolean(), ({ ids, label }, at, isExact) => {
        const row = at % ids.length;
        const test = declared({ ids, label, rows: ids.length });
        const without = { ids: ids.toSpliced(row, 1), label: label.toSpliced(row, 1) };
        expect(differenceOf(without, test, isExact)).toContain(
          `1 of its ${ids.length} rows were not evaluated`,
        );
        const shorter = declared({ ...without, rows: ids.length - 1 });
        expect(differenceOf({ ids, label }, shorter, isExact)).toContain('are not among its rows');
        const wrong = label.with(row, label[row] === 'cat' ? 'dog' : 'cat');
        const isOneClass = new Set(label).size < 2 && new Set(wrong).size < 2;
        const difference = differenceOf({ ids, label: wrong }, test, isExact);
        expect(isOneClass || difference?.includes('is another one there')).toBe(true);
      }),
    );
  });

  test('what is left out or added is counted, with the first', () => {
    expect(differenceOf({ ids: ['c'], label: ['x'] }, declared())).toBe(
      "3 of its 4 rows were not evaluated, the first has the id 'a'",
    );
    expect(differenceOf({ ids: ['a', 'q', 'z'], label: ['x', 'x', 'x'] }, declared())).toBe(
      "2 of 3 ids that were evaluated are not among its rows, the first is 'q'",
    );
  });

  test('without labels there, the ids alone are compared, which is said', () => {
    const label = ['u', 'v', 'w', 'z'];
    expect(valueOf(holdRows({ ids: IDS, label }, declared({ ids: IDS }), true))).toEqual({
      by: ['id'],
      rows: 4,
      declared: 4,
      open: ["Its labels could not be compared: it has no column 'label'."],
    });
  });

  test('an id that occurs twice there has no label of its own', () => {
    const test = declared({ ids: ['a', 'b', 'a', 'b'], label: LABELS });
    expect(valueOf(holdRows({ ids: ['b', 'a'], label: ['q', 'r'] }, test, true))).toMatchObject({
      by: ['id'],
      open: ["Its labels could not be compared: the id 'a' occurs twice in it."],
    });
    expect(differenceOf({ ids: ['a'], label: ['x'] }, test)).toContain("the id 'b'");
  });
});

describe('labels', () => {
  const held = (own: Rows['label'], there: Rows['label'], isExact = false): Holding => {
    const ids = Array.from({ length: own.length }, (_, row) => `r${row}`);
    return holdRows({ ids, label: own }, declared({ ids, label: there, rows: ids.length }), isExact);
  };

  test('may have other names, which are listed, but not for a fork', () => {
    expect(valueOf(held(numbers(0, 1, 0), ['cat', 'dog', 'cat']))).toMatchObject({
      by: ['id', 'label'],
      open: ["The predictions call its labels otherwise: 'cat' is '0', 'dog' is '1'."],
    });
    expect(held(numbers(0, 1, 0), ['cat', 'dog', 'cat'], true).kind).toBe('different');
  });

  test.each<[string, Rows['label'], Rows['label']]>([
    ['two classes become one', numbers(0, 0, 0), ['cat', 'dog', 'cat']],
    ['one class becomes two', numbers(0, 1, 2), ['cat', 'dog', 'cat']],
    ['names change places', ['dog', 'cat', 'dog'], ['cat', 'dog', 'cat']],
    ['names change places, as numbers', numbers(0, 1, 0), numbers(1, 0, 1)],
    ['another number', numbers(3, 1, 0), numbers(4, 1, 0)],
    ['a number of a hundredth', numbers(0, 1, 0), numbers(0.004, 1, 0)],
  ])('contradict where %s', (_, own, there) => {
    expect(held(own, there).kind).toBe('different');
  });

  test('of one class are the same however it is written', () => {
    expect(held(['True', 'false'], ['true', 'FALSE'], true).kind).toBe('held');
    expect(held(['1.0', 'x'], ['1', 'x'], true).kind).toBe('held');
  });

  test('may be rounded to what is written, or to 32 bits, but not for a fork', () => {
    const label = fc.double({ min: 1, max: 1e6, noNaN: true }).filter((n) => !Number.isInteger(n));
    fc.assert(
      fc.property(fc.array(label, { minLength: 1 }), fc.integer({ min: 2, max: 9 }), (there, digits) => {
        const rounded = there.map((n) => Number(n.toFixed(digits)));
        for (const own of [rounded, there.map(Math.fround)]) {
          expect(held(numbers(...own), numbers(...there)).kind).toBe('held');
          const isSame = own.every((n, i) => n === there[i]);
          expect(held(numbers(...own), numbers(...there), true).kind).toBe(isSame ? 'held' : 'different');
        }
      }),
    );
  });
});

describe('without an id in both', () => {
  test('labels count as often as each occurs, and it is said that no row was compared', () => {
    const own = { label: ['y', 'y', 'x', 'x'] };
    for (const [test, where] of [
      [declared({ label: LABELS }), 'it has'],
      [declared(), 'the predictions have'],
    ] as const) {
      const value = valueOf(holdRows(own, test, false));
      expect(value).toEqual({
        by: ['label'],
        rows: 4,
        declared: 4,
        open: [`Its rows could not be compared one by one: ${where} no column 'id'.`],
      });
      expect(isOtherCount(value)).toBe(false);
    }
  });

  test('other labels contradict, and other names for them do not', () => {
    const test = declared({ label: LABELS });
    expect(differenceOf({ label: ['x', 'x', 'x', 'y'] }, test)).toBe('its rows have other labels');
    expect(differenceOf({ label: numbers(0, 0, 0, 1) }, test)).toBe('its rows have other labels');
    expect(differenceOf({ label: numbers(0, 0, 1, 1) }, test, true)).toBe('its rows have other labels');
    expect(valueOf(holdRows({ label: numbers(0, 0, 1, 1) }, test, false)).open).toContain(
      'The predictions call its labels otherwise.',
    );
    const rounded = declared({ label: numbers(2.345678, 1.5, 9.99999, 7) });
    expect(valueOf(holdRows({ label: numbers(1.5, 7, 10, 2.35) }, rounded, false)).by).toEqual(['label']);
  });

  test.each<[string, Partial<Read>]>([
    ['labels', { label: LABELS }],
    ['nothing', {}],
    ['ids', { ids: IDS }],
  ])('another number of rows is told, where the test set has %s', (_, more) => {
    const value = valueOf(holdRows({ label: ['x', 'y', 'x'] }, declared(more), false));
    expect(value).toMatchObject({ by: [], rows: 3, declared: 4 });
    expect(isOtherCount(value)).toBe(true);
  });
});

test('of files that are no tables nothing is compared, and it is said why', () => {
  const why = 'Its rows could not be compared: a.png is no table.';
  const value = valueOf(holdRows({ ids: IDS, label: LABELS }, { kind: 'unread', why }, false));
  expect(value).toEqual({ by: [], rows: 4, open: [why] });
  expect(isOtherCount(value)).toBe(false);
});
