import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseMetrics } from './metrics-file.ts';

describe('parseMetrics', () => {
  test('joins nested keys and reads standard errors', () => {
    const found = parseMetrics(
      '{"auc": 0.71, "test": {"f1": {"value": 0.5, "se": 0.01}, "by": {"AA": 1}}}',
      'm.json',
    );
    expect(Object.fromEntries(found)).toEqual({
      auc: { kind: 'value', value: 0.71 },
      'test.f1': { kind: 'value', value: 0.5, standardError: 0.01 },
      'test.by.AA': { kind: 'value', value: 1 },
    });
  });

  test.each([
    ['{"a": NaN}', 'NaN'],
    ['{"a": [1], "b": 1}', 'a list'],
    ['{"a":-Infinity}', '-Infinity'],
    ['{"a": Infinity}', 'Infinity'],
    ['{"a": {"value": NaN}}', 'NaN'],
    ['{"a": {"value": 1, "se": -1}}', 'standard error'],
    ['{"a": {"value": 1, "se": "x"}}', 'standard error'],
    ['a: .nan', 'NaN'],
    ['a: .NaN', 'NaN'],
    ['a: -.inf', '-Infinity'],
    ['a: .Inf', 'Infinity'],
    ['a: "0.9"', "the text '0.9'"],
    ['a: 90%', "the text '90%'"],
    ['a: true', 'the boolean true'],
    ['a: null', 'empty'],
    ['a:', 'empty'],
    ['{"a": 1e999}', 'Infinity'],
  ])('%s is a problem of that metric', (text, shown) => {
    const found = parseMetrics(text, 'm').get('a');
    expect(found).toMatchObject({ kind: 'problem', reason: 'not-a-number' });
    expect(found).toMatchObject({ message: expect.stringContaining(shown) });
  });

  test('a name that holds NaN stays a name', () => {
    expect(parseMetrics('{"NaN rows": 3, "x": "a NaN"}', 'm').get('NaN rows')).toEqual({
      kind: 'value',
      value: 3,
    });
  });

  test.each(['', '  \n', '[1, 2]', '3', '{"a": 1', 'a: 1\na: 2', 'a: b: c'])('%j is refused', (text) => {
    expect(() => parseMetrics(text, 'out/metrics.json')).toThrow(
      expect.objectContaining({
        reasonCode: 'bad-input',
        message: expect.stringContaining('out/metrics.json'),
      }),
    );
  });

  test('every finite number that JSON can write comes back as it was', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseMetrics(JSON.stringify({ a: value }), 'm').get('a')).toEqual({
          kind: 'value',
          value: value + 0,
        });
      }),
    );
  });
});
