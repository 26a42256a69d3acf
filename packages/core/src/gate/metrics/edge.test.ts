import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classKey, takeRows, type Sample } from '../sample.ts';
import { EVERY_METRIC } from '@sluice/testing/metrics.ts';
import { groupsOf } from '../groups.ts';
import { computeMetric, knownDirection } from './catalogue.ts';
import { exactSum } from './sum.ts';

const sample = (part: Partial<Sample> & Pick<Sample, 'label'>): Sample => ({
  rows: part.label.length,
  ...part,
});
const numbers = (...values: number[]): Float64Array => Float64Array.from(values);

const ranked = (label: Sample['label']): Sample =>
  sample({ label, score: numbers(0, 1), queries: groupsOf(['q', 'q']) });

describe('what has no value is a problem, never 0 or 1', () => {
  const oneClass = { label: numbers(0, 0), prediction: numbers(0, 0), score: numbers(0.1, 0.2) };
  test.each([
    ['auc', sample(oneClass), 'undefined-metric'],
    ['average-precision', sample(oneClass), 'undefined-metric'],
    ['precision', sample(oneClass), 'undefined-metric'],
    ['recall', sample(oneClass), 'undefined-metric'],
    ['f1', sample(oneClass), 'undefined-metric'],
    ['mcc', sample(oneClass), 'undefined-metric'],
    ['kappa', sample(oneClass), 'undefined-metric'],
    ['r2', sample({ label: numbers(1, 1), prediction: numbers(1, 2) }), 'undefined-metric'],
    ['mape', sample({ label: numbers(1, 0), prediction: numbers(1, 2) }), 'undefined-metric'],
    ['precision-macro', sample({ label: ['a', 'b'], prediction: ['a', 'a'] }), 'undefined-metric'],
    ['auc', sample({ label: ['a', 'b', 'c'], score: numbers(0, 0, 0) }), 'undefined-metric'],
    ['auc', sample({ label: ['no', 'yes'], score: numbers(0, 1) }), 'undefined-metric'],
    ['auc', sample({ label: ['no', 'yes'], score: numbers(0, 1), positive: 'ja' }), 'undefined-metric'],
    ['rmse', sample({ label: ['a'], prediction: ['b'] }), 'undefined-metric'],
    ['brier', sample({ label: numbers(0, 1), score: numbers(0, 1.5) }), 'undefined-metric'],
    ['ece', sample({ label: numbers(0, 1), score: numbers(-0.1, 1) }), 'undefined-metric'],
    ['auc', sample({ label: numbers(0, 1), score: numbers(0, NaN) }), 'not-a-number'],
    ['mae', sample({ label: numbers(0, 1), prediction: numbers(0, Infinity) }), 'not-a-number'],
    ['accuracy', sample({ label: numbers(0, NaN), prediction: numbers(0, 1) }), 'not-a-number'],
    ['accuracy', sample({ label: numbers(0, 1) }), 'missing-metric'],
    ['auc', sample({ label: numbers(0, 1) }), 'missing-metric'],
    ['accuracy', sample({ label: numbers(), prediction: numbers() }), 'no-rows'],
    ['mrr', sample({ label: numbers(0, 1), score: numbers(0, 1) }), 'missing-metric'],
    ['ndcg@5', sample({ label: numbers(0, 1), queries: groupsOf(['q', 'q']) }), 'missing-metric'],
    ['ndcg', ranked(numbers(-1, 1)), 'undefined-metric'],
    ['mrr', ranked(['no', 'yes']), 'undefined-metric'],
    ['latency-p95-ms', sample({ label: numbers(0) }), 'missing-metric'],
    ['latency-p95-ms', sample({ label: numbers(0), latency: numbers(NaN) }), 'not-a-number'],
    ['latency-p95-ms', sample({ label: numbers(0), latency: numbers(-1) }), 'undefined-metric'],
    ['mae', sample({ label: numbers(1e308, 1e308), prediction: numbers(-1e308, -1e308) }), 'not-a-number'],
  ] as const)('%s %#', (metric, given, reason) => {
    expect(computeMetric(metric, given)).toMatchObject({ kind: 'problem', reason });
  });

  test('no row gives no metric a value', () => {
    const empty = { label: numbers(), prediction: numbers(), score: numbers(), latency: numbers() };
    const none = sample({ ...empty, queries: groupsOf([]) });
    for (const metric of EVERY_METRIC) {
      expect(computeMetric(metric, none)).toMatchObject({ kind: 'problem', reason: 'no-rows' });
    }
  });
});

describe('classes', () => {
  test.each([
    [['1', '0', '1.0'], ['1.00', '0', '1'], undefined],
    [['True', 'False', 'TRUE'], ['true', 'false', 'true'], undefined],
    [['yes', 'no', 'yes'], ['yes', 'no', 'yes'], 'yes'],
  ])('%j and %j are the same', (label, prediction, positive) => {
    const given = sample({ label, prediction, ...(positive === undefined ? {} : { positive }) });
    expect(computeMetric('f1', given)).toEqual({ kind: 'value', value: 1 });
  });

  test('a text that only looks like a number is itself', () => {
    expect(classKey('1e')).toBe('1e');
    expect(classKey('0x10')).toBe('0x10');
  });
});

describe('order', () => {
  const rows = fc.array(
    fc.tuple(
      fc.constantFrom(0, 1),
      fc.constantFrom(0, 1),
      fc.oneof(fc.constantFrom(0, 0.5), fc.double({ min: 0, max: 1, noNaN: true })),
      fc.constantFrom('a', 'b', 'c'),
    ),
    {
      minLength: 1,
      maxLength: 40,
    },
  );

  test('the order of rows changes no bit of any metric', () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat()), (table, random) => {
        const given = sample({
          label: Float64Array.from(table, (row) => row[0]),
          prediction: Float64Array.from(table, (row) => row[1]),
          score: Float64Array.from(table, (row) => row[2]),
          latency: Float64Array.from(table, (row) => 1000 * row[2]),
          queries: groupsOf(table.map((row) => row[3])),
        });
        const keys = table.map(() => random.next().value as number);
        const order = Uint32Array.from(table, (_, i) => i).sort(
          (a, b) => (keys[a] as number) - (keys[b] as number),
        );
        const shuffled = takeRows(given, order);
        const [before, after] = [given, shuffled].map((s) =>
          EVERY_METRIC.map((metric) => {
            const found = computeMetric(metric, s);
            return found?.kind === 'value' ? found : found?.kind;
          }),
        );
        expect(after).toEqual(before);
      }),
    );
  });

  test('the sum is exactly rounded', () => {
    expect(exactSum(numbers(1e100, 1, -1e100))).toBe(1);
    expect(exactSum(Float64Array.from({ length: 10 }, () => 0.1))).toBe(1);
    expect(exactSum(numbers())).toBe(0);
    expect(exactSum(numbers(1, Infinity))).not.toBe(1);
  });
});

test.each([
  'pinball',
  'pinball-1',
  'pinball-0',
  'pinball-0.0',
  'mrr@0',
  'ndcg@',
  'latency-p100-ms',
  'latency-ms',
])('%s is no metric that is computed', (name) => {
  expect(computeMetric(name, sample({ label: numbers(1), prediction: numbers(1) }))).toBeUndefined();
});

test('names are found whatever their spelling, and only known ones', () => {
  expect(knownDirection('test.log_loss')).toBe('lower');
  expect(knownDirection('AUC')).toBe('higher');
  expect(knownDirection('constructor')).toBeUndefined();
  expect(knownDirection('latency-p95-ms')).toBe('lower');
  expect(knownDirection('test.pinball-0.9')).toBe('lower');
  expect(knownDirection('eval.ndcg@10')).toBe('higher');
  expect(knownDirection('tokens')).toBeUndefined();
});
