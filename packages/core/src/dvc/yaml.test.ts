import { describe, expect, test } from '@jest/globals';
import { parseParams } from './yaml.ts';
import { parseLock } from './lock-file.ts';

const NOW = (text: string): unknown => (parseParams(`k: ${text}\n`) as Record<string, unknown>)['k'];

/** What ruamel.yaml 0.18 makes of each in DVC 3; test/e2e/dvc-yaml.test.ts asks DVC itself. */
const SCALARS: readonly (readonly [string, unknown])[] = [
  ['1_000', 1000],
  ['1_000.5', 1000.5],
  ['1_', 1],
  ['-1_0', -10],
  ['+1', 1],
  ['0b11', 3],
  ['-0b1_1', -3],
  ['0o17', 15],
  ['017', 17],
  ['08', 8],
  ['0x1F', 31],
  ['0x1_F', 31],
  ['1e3', 1000],
  ['1_0e3', 10_000],
  ['1.e3', 1000],
  ['.5', 0.5],
  ['-.5', -0.5],
  ['1.', 1],
  ['0.1_5', 0.15],
  ['685.230_15e+03', 685_230.15],
  ['1e400', Infinity],
  ['-.inf', -Infinity],
  ['yes', 'yes'],
  ['off', 'off'],
  ['y', 'y'],
  ['True', true],
  ['NULL', null],
  ['1:30', '1:30'],
  ['0o8', '0o8'],
  ['_1', '_1'],
  ['1,000', '1,000'],
  ['nan', 'nan'],
  ["'1_000'", '1_000'],
  ["!!int '7'", 7],
  ['!!str 10', '10'],
];

test.each(SCALARS)('%s is read as DVC reads it', (text, value) => {
  expect(NOW(text)).toEqual(value);
});

describe('merge keys', () => {
  test('bring what is not set in the map itself', () => {
    expect(parseParams('base: &b {lr: 0.1, n: 3}\ntrain:\n  <<: *b\n  lr: 0.01\n')).toEqual({
      base: { lr: 0.1, n: 3 },
      train: { lr: 0.01, n: 3 },
    });
  });

  test('of several maps the first wins', () => {
    expect(parseParams('a: &a {x: 1}\nb: &b {x: 2, y: 3}\nt: {<<: [*a, *b], z: 4}\n')).toMatchObject({
      t: { x: 1, y: 3, z: 4 },
    });
  });

  test('stand in dvc.lock as in any file of DVC', () => {
    const lock = parseLock(
      "schema: '2.0'\nstages:\n  a: &a\n    cmd: x\n    params: {params.yaml: {n: 1_000}}\n  b:\n    <<: *a\n    cmd: y\n",
      'dvc.lock',
    );
    expect(lock.get('b')).toMatchObject({ cmd: 'y', params: { 'params.yaml': { n: 1000 } } });
  });
});

test('what unfolds without end is refused', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
  expect(() => parseParams(['l0: &l0 [x]', ...levels].join('\n'))).toThrow('alias');
});
