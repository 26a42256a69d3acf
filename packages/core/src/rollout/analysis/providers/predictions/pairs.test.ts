import { expect, test } from '@jest/globals';
import { parsePlace } from '../../../../serving/protocols/template/place.ts';
import { SliceNames, WHOLE, agreementOf, pickAt, scoreShiftOf, type Pair, type Slicing } from './pairs.ts';

const COMPARISON = { prediction: WHOLE, tolerance: 1e-6, slices: [] };
const slicing = (by: string): Slicing => ({ by, place: parsePlace(by, 'slices') });
const pair = (candidate: unknown, stable: unknown, input: unknown = {}): Pair => ({
  input,
  candidate,
  stable,
});
const says = (prediction: unknown, score?: number): object => ({ prediction, score, version: Math.random() });
const agreement = (pairs: readonly Pair[], slices: string[] = []): unknown =>
  agreementOf(pairs, { ...COMPARISON, slices: slices.map(slicing) }, new SliceNames());

test('what is compared is the prediction and nothing else of an answer', () => {
  const pairs = [pair(says(1), says(1)), pair(says(1), says(2)), pair(says('a'), says('a'))];
  expect(agreement(pairs)).toEqual({ kind: 'samples', candidate: { kind: 'proportion', n: 3, hits: 2 } });
});

test.each([
  ['numbers within the tolerance', 0.1 + 0.2, 0.3, 1],
  ['numbers beyond it', 0.3001, 0.3, 0],
  ['a number and a text', '1', 1, 0],
  ['lists', [1, 2], [1, 2], 1],
  ['a list that is longer', [1, 2, 3], [1, 2], 0],
  ['an object with a key more', { a: 1, b: 2 }, { a: 1 }, 0],
  ['an object with a key less', { a: 1 }, { a: 1, b: 2 }, 0],
])('%s', (_, candidate, stable, hits) => {
  expect(agreement([pair(says(candidate), says(stable))])).toMatchObject({ candidate: { n: 1, hits } });
});

test('an answer that the candidate does not give is one that differs', () => {
  const pairs = [pair(undefined, says(1)), pair({ error: 'x' }, says(1)), pair(says(1), says(1))];
  expect(agreement(pairs)).toMatchObject({ candidate: { n: 3, hits: 1 } });
});

test('where what is live gives none, nothing is known of the candidate', () => {
  expect(agreement([pair(says(1), undefined), pair(says(1), says(1))])).toMatchObject({
    candidate: { n: 1, hits: 1 },
  });
  expect(agreement([pair(says(1), undefined)])).toEqual({
    kind: 'no-data',
    message: 'None of 1 requests was answered by both versions.',
  });
});

test('a prediction that has no key of that name is compared as a whole', () => {
  expect(agreement([pair([1, 2], [1, 2]), pair('a', 'b')])).toMatchObject({ candidate: { n: 2, hits: 1 } });
});

test('predictions without what is compared are an error of the settings: nothing equals nothing', () => {
  const comparison = { ...COMPARISON, prediction: pickAt('class', ['class']) };
  expect(agreementOf([pair({ label: 1 }, { label: 1 })], comparison, new SliceNames())).toEqual({
    kind: 'error',
    message: `None of 1 predictions of what is live has a usable value at 'class'; one is {"label":1}.`,
  });
});

test('parts of the requests by fields of their inputs', () => {
  const pairs = [
    pair(says(1), says(1), { carrier: 'AA', seats: { first: true } }),
    pair(says(1), says(2), { carrier: 'AA' }),
    pair(says(1), says(1), { carrier: 'UA', seats: { first: true } }),
    pair(says(1), says(1), {}),
  ];
  expect(agreement(pairs, ['carrier', 'seats.first'])).toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 4, hits: 3 },
    slices: [
      { name: 'carrier=AA', candidate: { kind: 'proportion', n: 2, hits: 1 } },
      { name: 'seats.first=true', candidate: { kind: 'proportion', n: 2, hits: 2 } },
      { name: 'carrier=UA', candidate: { kind: 'proportion', n: 1, hits: 1 } },
    ],
  });
});

test('the name of a part is one short line, whatever the input says', () => {
  const found = agreement([pair(says(1), says(1), { note: `a\nb${'x'.repeat(5_000)}` })], ['note']);
  expect(found).toMatchObject({ slices: [{ name: expect.stringMatching(/^note=a bx{92}$/) }] });
});

test('no more parts than are judged, and the same ones in every window', () => {
  const known = new SliceNames();
  const comparison = { ...COMPARISON, slices: [slicing('id')] };
  const window = (from: number): Pair[] =>
    Array.from({ length: 10 }, (_, i) => pair(says(1), says(1), { id: from + i }));
  const names = (pairs: Pair[]): string[] => {
    const found = agreementOf(pairs, comparison, known);
    return found.kind === 'samples' ? (found.slices ?? []).map(({ name }) => name) : [];
  };
  expect(names(window(0))).toHaveLength(10);
  expect(names(window(10))).toHaveLength(6);
  expect(names(window(20))).toEqual([]);
  expect(names(window(0))).toHaveLength(10);
});

test('the shift of scores, request by request', () => {
  const pairs = [
    pair(says(1, 0.5), says(1, 0.25)),
    pair(says(1, 0.75), says(1, 0.75)),
    pair(says(1), says(1, 0.5)),
    pair(undefined, says(1, 0.5)),
  ];
  expect(scoreShiftOf(pairs, pickAt('score', ['score']))).toEqual({
    kind: 'samples',
    candidate: { kind: 'mean', n: 2, mean: 0.125, m2: 0.03125 },
  });
});

test('answers without a score are an error of the settings', () => {
  expect(scoreShiftOf([pair(says(1), says(1))], pickAt('probability', ['probability']))).toMatchObject({
    kind: 'error',
    message: expect.stringContaining("a usable value at 'probability'"),
  });
});
