import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePipeline } from '../dvc/pipeline-file.ts';
import { declaredBy } from './declared.ts';
import { resolveData, resolveFile, resolveParams, resolveReference, type Facts } from './resolve.ts';

const KEYS = ['model-path', 'metrics', 'predictions'] as const;
type Key = (typeof KEYS)[number];

const FULL = `stages:
  fit:
    cmd: make
    wdir: ml
    deps: [raw.csv, fit.py]
    params: [rate, settings.json: [q], conf.toml: [x]]
    outs: [out/model, out/p.csv]
    metrics: [out/m.json: {cache: false}]
artifacts:
  toy: {path: ml/out/model, type: model}
  guesses: {path: ml/out/p.csv, type: predictions}
`;

function facts(given: Partial<Facts> = {}, text?: string, place?: string): Facts {
  const declared =
    text === undefined
      ? undefined
      : declaredBy(
          {
            file: parsePipeline(text, 'dvc.yaml'),
            folder: '/w',
            name: 'dvc.yaml',
            ...(place === undefined ? {} : { place }),
          },
          '/w',
        );
  return { inputs: {}, directory: '/w/dir', config: {}, base: '/w', declared, ...given };
}

const FROM_DVC: Record<Key, object> = {
  'model-path': { what: 'artifacts.toy.path of dvc.yaml', given: 'ml/out/model' },
  metrics: { what: 'metrics of dvc.yaml', given: 'ml/out/m.json' },
  predictions: { what: 'artifacts.guesses.path of dvc.yaml', given: 'ml/out/p.csv' },
};

test('of every combination of places, the input wins over sluice.yaml, and that over dvc.yaml', () => {
  const some = (place: string): fc.Arbitrary<Partial<Record<Key, string>>> =>
    fc.subarray([...KEYS]).map((keys) => Object.fromEntries(keys.map((key) => [key, `${place}/${key}`])));
  fc.assert(
    fc.property(
      some('input'),
      some('file'),
      fc.constantFrom('none', 'named', 'lying'),
      (inputs, train, dvc) => {
        const all = facts(
          { inputs, config: { train } },
          dvc === 'none' ? undefined : FULL,
          dvc === 'named' ? 'train.pipeline' : undefined,
        );
        const isAnyNamed = Object.keys({ ...inputs, ...train }).length > 0;
        for (const key of KEYS) {
          const fromInput = inputs[key] !== undefined && {
            source: 'input',
            what: `input '${key}'`,
            given: `input/${key}`,
            base: '/w/dir',
          };
          const fromFile = train[key] !== undefined && {
            source: 'sluice.yaml',
            what: `train.${key}`,
            given: `file/${key}`,
            base: '/w',
          };
          const fromDvc = (dvc === 'named' || (dvc === 'lying' && !isAnyNamed)) && {
            source: 'dvc.yaml',
            base: '/w',
            ...FROM_DVC[key],
          };
          const value = fromInput || fromFile || fromDvc;
          expect(resolveFile(all, key)).toEqual(value ? { kind: 'found', value } : { kind: 'none' });
        }
      },
    ),
  );
});

describe('what dvc.yaml leaves open', () => {
  const metrics = (text: string): unknown => resolveFile(facts({}, text, 'train.pipeline'), 'metrics');

  test('several metrics files are named and none is taken, however they are spread over the file', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 5 }),
        fc.nat(),
        (names, cut) => {
          const files = names.map((name) => `${name}.json`);
          const at = cut % (files.length + 1);
          const text = `metrics: ${JSON.stringify(files.slice(0, at))}\nstages: {s: {cmd: x, metrics: ${JSON.stringify(files.slice(at))}}}\n`;
          const [only, ...others] = files;
          expect(metrics(text)).toEqual(
            only === undefined
              ? { kind: 'none' }
              : others.length === 0
                ? {
                    kind: 'found',
                    value: { source: 'dvc.yaml', what: 'metrics of dvc.yaml', given: only, base: '/w' },
                  }
                : { kind: 'ambiguous', candidates: files },
          );
        },
      ),
    );
  });

  test('a metrics file that only DVC can name is not taken', () => {
    expect(metrics("stages: {s: {cmd: x, metrics: ['${item}.json']}}\n")).toEqual({
      kind: 'ambiguous',
      candidates: ['${item}.json'],
    });
  });

  test('the same file named twice is one', () => {
    expect(metrics('metrics: [m.json]\nstages: {s: {cmd: x, metrics: [./m.json]}}\n')).toMatchObject({
      kind: 'found',
      value: { given: 'm.json' },
    });
  });

  test.each([
    ['toy', undefined, 'a'],
    [undefined, 'toy', 'a'],
    ['other', 'toy', undefined],
    [undefined, undefined, undefined],
  ])(
    'of several models the one that is called so is meant: input %s, sluice.yaml %s',
    (input, model, path) => {
      const text =
        'artifacts: {toy: {path: a, type: model}, second: {path: b, type: model}, data: {path: c}}\n';
      const all = facts({ inputs: { model: input }, config: { model } }, text);
      expect(resolveFile(all, 'model-path')).toMatchObject(
        path === undefined
          ? { kind: 'ambiguous', candidates: ['a', 'b'] }
          : { kind: 'found', value: { given: path } },
      );
    },
  );

  test('a model at an address is not in the workspace', () => {
    const all = facts({}, 'artifacts: {toy: {path: s3://b/m, type: model}}\n');
    expect(resolveFile(all, 'model-path')).toEqual({ kind: 'none' });
  });
});

test.each<[string, Partial<Facts>, string | undefined, object | undefined]>([
  ['none', {}, undefined, undefined],
  [
    'dvc.yaml',
    {},
    FULL,
    {
      source: 'dvc.yaml',
      what: 'params of dvc.yaml',
      patterns: ['ml/params.yaml', 'ml/settings.json'],
      base: '/w',
    },
  ],
  [
    'sluice.yaml',
    { config: { train: { params: 'p.yaml' } } },
    FULL,
    { source: 'sluice.yaml', what: 'train.params', patterns: ['p.yaml'], base: '/w' },
  ],
  [
    'input',
    { inputs: { params: 'a\n b \n' }, config: { train: { params: 'p.yaml' } } },
    FULL,
    { source: 'input', what: "input 'params'", patterns: ['a', 'b'], base: '/w/dir' },
  ],
])('parameters from %s', (_, given, text, expected) => {
  expect(resolveParams(facts(given, text))).toEqual(expected);
});

describe('data', () => {
  const written = { config: { data: { train: ['a', 'b'], test: 'c', reference: 'r' } } };

  test('of the input wins, by the names it gives', () => {
    const input = new Map([['mine', ['x']]]);
    expect(resolveData(facts(written, FULL), ['train', 'test'], input)).toEqual({
      kind: 'found',
      value: [{ name: 'mine', source: 'input', what: "input 'data'", patterns: ['x'], base: '/w/dir' }],
    });
  });

  test('of sluice.yaml has its sets, those that are wanted', () => {
    const found = resolveData(facts(written, FULL), ['train', 'test'], undefined);
    expect(found).toMatchObject({
      value: [
        { name: 'train', what: 'data.train', patterns: ['a', 'b'] },
        { name: 'test', what: 'data.test', patterns: ['c'] },
      ],
    });
    expect(resolveData(facts(written), ['test'], undefined)).toMatchObject({ value: [{ name: 'test' }] });
  });

  test('of dvc.yaml is the only file of data that no stage writes', () => {
    expect(resolveData(facts({}, FULL), ['train', 'test'], undefined)).toEqual({
      kind: 'found',
      value: [
        { name: 'data', source: 'dvc.yaml', what: 'deps of dvc.yaml', patterns: ['ml/raw.csv'], base: '/w' },
      ],
    });
    const chain = 'stages: {a: {cmd: x, deps: [r.csv], outs: [s.csv]}, b: {cmd: x, deps: [s.csv, t.csv]}}\n';
    expect(resolveData(facts({}, chain), ['train'], undefined)).toEqual({
      kind: 'ambiguous',
      candidates: ['r.csv', 't.csv'],
    });
  });

  test('nothing is none', () => {
    expect(resolveData(facts(), ['train', 'test'], undefined)).toEqual({ kind: 'none' });
  });

  test('a reference comes from the input, else sluice.yaml', () => {
    expect(resolveReference(facts())).toBeUndefined();
    expect(resolveReference(facts(written))).toMatchObject({ what: 'data.reference', base: '/w' });
    expect(resolveReference(facts({ ...written, inputs: { reference: 'x' } }))).toMatchObject({
      what: "input 'reference'",
      patterns: ['x'],
      base: '/w/dir',
    });
  });
});
