import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLock } from '../dvc/lock-file.ts';
import { parsePipeline } from '../dvc/pipeline-file.ts';
import { measuredOn } from './test-set.ts';

const HEX = 'a'.repeat(32);

interface Dep {
  readonly path: string;
  readonly md5?: string;
}

/** What the stage `score` in the folder ml measured on, by a dvc.lock with these dependencies. */
function measured(deps: readonly Dep[], numbers = '/w/ml/m.json', wdir = 'ml'): unknown {
  const entries = deps.map(({ path, md5 = HEX }) => ({ path, hash: 'md5', md5 }));
  const stages = {
    prepare: { cmd: 'x', deps: [], outs: [{ path: 'other.json', hash: 'md5', md5: HEX }] },
    score: { cmd: 'x', deps: entries, outs: [{ path: 'm.json', hash: 'md5', md5: HEX }] },
  };
  const lock = parseLock(JSON.stringify({ schema: '2.0', stages }), 'dvc.lock');
  const file = parsePipeline(JSON.stringify({ stages: { score: { cmd: 'x', wdir } } }), 'dvc.yaml');
  return measuredOn(lock, { file, folder: '/w' }, { file: numbers, model: '/w/ml/out/model' });
}

test('is the one dependency that is neither code nor the model, wherever it stands', () => {
  const code = fc.constantFrom('fit.py', 'src/score.R', 'params.yaml', 'requirements.txt', 'score.ipynb');
  const model = fc.constantFrom('out/model', 'out/model/weights.bin', 'out');
  fc.assert(
    fc.property(fc.array(fc.oneof(code, model)), fc.nat(), (others, place) => {
      const deps: Dep[] = others.map((path) => ({ path }));
      deps.splice(place % (others.length + 1), 0, { path: 'test.csv', md5: 'b'.repeat(32) });
      expect(measured(deps)).toMatchObject({
        kind: 'found',
        value: { name: 'test.csv', absolute: '/w/ml/test.csv', stage: 'score', md5: `md5:${'b'.repeat(32)}` },
      });
    }),
  );
});

describe('is not guessed', () => {
  test.each<[string, Dep[], string[]]>([
    ['of two files', [{ path: 'a.csv' }, { path: 'b.csv' }], ['a.csv', 'b.csv']],
    [
      'beside a folder that may be data',
      [{ path: 'src', md5: `${HEX}.dir` }, { path: 'b.csv' }],
      ['src', 'b.csv'],
    ],
    ['beside a file of a kind that nobody knows', [{ path: 'x.npz' }, { path: 'b.csv' }], ['x.npz', 'b.csv']],
    ['without a digest', [{ path: 's3://b/k', md5: '' }], ['s3://b/k']],
  ])('%s', (_, deps, candidates) => {
    expect(measured(deps)).toEqual({ kind: 'ambiguous', candidates });
  });

  test('for numbers that no stage wrote, and for a stage whose folder only DVC knows', () => {
    expect(measured([{ path: 'a.csv' }], '/w/m.json')).toEqual({ kind: 'none' });
    expect(measured([{ path: 'a.csv' }], '/w/ml/m.json', '${x}')).toEqual({ kind: 'none' });
    expect(measured([{ path: 'fit.py' }])).toEqual({ kind: 'none' });
  });
});

test('a folder has its own digest', () => {
  expect(measured([{ path: 'test', md5: `${HEX}.dir` }])).toMatchObject({ value: { md5: `md5:${HEX}.dir` } });
});
