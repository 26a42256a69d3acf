import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newCells, type CellValue } from './cells.ts';

function filled(
  kind: Parameters<typeof newCells>[1],
  values: readonly CellValue[],
): ReturnType<typeof newCells> {
  const cells = newCells(values.length, kind);
  for (const value of values) cells.push(value);
  return cells;
}

test('texts come back as they were, few or many different ones, missing or empty', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', 'é', '😀', 'a'),
    fc.constant(null),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), fc.boolean(), (given, many) => {
      const padding = many ? Array.from({ length: 70_000 }, (_, i) => `row-${i}`) : [];
      const values = [...padding, ...given, ...padding.slice(0, 3)];
      const cells = filled('text', values);
      expect(cells.length).toBe(values.length);
      values.slice(-40).forEach((value, i) => {
        const row = Math.max(0, values.length - 40) + i;
        expect([cells.at(row), cells.isMissing(row)]).toEqual([value, value === null]);
      });
      expect(cells.at(0)).toBe(values[0] ?? (values.length === 0 ? undefined : null));
    }),
    { numRuns: 20 },
  );
});

describe('numbers', () => {
  test.each<[Parameters<typeof newCells>[1], CellValue[], number[], (string | null)[]]>([
    ['number', [1, null, 0.1, Infinity], [1, NaN, 0.1, Infinity], ['1', null, '0.1', 'Infinity']],
    ['boolean', [true, null, false], [1, NaN, 0], ['true', null, 'false']],
    [
      'text',
      ['1e3', null, ' 2 ', 'True', '-inf'],
      [1000, NaN, 2, 1, -Infinity],
      ['1e3', null, ' 2 ', 'True', '-inf'],
    ],
  ])('of %s', (kind, values, numbers, texts) => {
    const cells = filled(kind, values);
    expect(cells.numbers()).toEqual(Float64Array.from(numbers));
    expect(values.map((_, row) => cells.at(row))).toEqual(texts);
  });

  test('a text that is none is found', () => {
    expect(filled('text', ['1', null, '1.2.3']).numbers()).toEqual({ badRow: 2 });
  });
});

test.each<[Parameters<typeof newCells>[1], CellValue[], boolean]>([
  ['text', ['1', null, '22'], true],
  ['text', ['1', 'x'], false],
  ['number', [1, null], true],
  ['boolean', [true], false],
  ['boolean', [null], true],
])('%s %j: all digits %s', (kind, values, expected) => {
  expect(filled(kind, values).everyText((text) => /^(\d+|NaN|Infinity)$/.test(text))).toBe(expected);
});
