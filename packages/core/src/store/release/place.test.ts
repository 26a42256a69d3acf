import { expect, test } from '@jest/globals';
import { packNames } from './place.ts';

const pack = (...paths: string[]): { files: { path: string }[] } => ({
  files: paths.map((path) => ({ path })),
});

test('a file has its own name where GitHub keeps it and nothing else is called so', () => {
  const names = [
    'weights.bin',
    'tokenizer_config.json',
    'variables/index',
    'a b',
    '.hidden',
    'Entry.json',
    'model-7',
    'beside-x',
    'WEIGHTS.BIN',
    'ü',
  ];
  expect(packNames(names.map((name) => pack(name)))).toEqual([
    'weights.bin',
    'tokenizer_config.json',
    ...Array.from({ length: 8 }, (_, index) => `model-${String(index + 3).padStart(4, '0')}`),
  ]);
  expect(packNames([pack('a', 'b'), pack('c')])).toEqual(['model-0001', 'c']);
});
