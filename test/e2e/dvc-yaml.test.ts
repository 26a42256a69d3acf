import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { parseParams } from '@sluice/core/dvc/yaml.ts';
import { ROOT } from '@sluice/testing/action.ts';
import { PYTHON } from '@sluice/testing/dvc/dvc.ts';

type Loaded =
  | { readonly number: string }
  | { readonly text: string }
  | { readonly boolean: boolean }
  | { readonly other: string }
  | null;

/** What DVC reads of each text at the key `k`. */
function loaded(texts: readonly string[]): readonly Loaded[] {
  const { stdout, status, stderr } = spawnSync(PYTHON, [path.join(ROOT, 'test/e2e/dvc/load.py')], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Loaded[];
}

function described(value: unknown): Loaded {
  if (typeof value === 'number') return { number: String(value) };
  if (typeof value === 'string') return { text: value };
  return typeof value === 'boolean' ? { boolean: value } : { other: String(value) };
}

const scalars = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789__..+-eE'), minLength: 1, maxLength: 8 }),
  fc.string({ unit: fc.constantFrom(...'01_obxXAf'), minLength: 2, maxLength: 7 }),
  fc.constantFrom(
    'yes',
    'No',
    'on',
    'OFF',
    'y',
    'True',
    'FALSE',
    'nan',
    '.nan',
    '.NaN',
    '.inf',
    '-.Inf',
    '1:30',
  ),
);

test('scalars are what DVC reads of them', () => {
  const texts = [...new Set(fc.sample(scalars, { numRuns: 6000, seed: 20240501 }))].map(
    (one) => `k: ${one}\n`,
  );
  const theirs = loaded(texts);
  const others = texts.flatMap((text, i) => {
    const their = theirs[i] as Loaded;
    // What DVC cannot read, and dates, which are a text here.
    if (their === null || 'other' in their) return [];
    const own = described((parseParams(text) as { k: unknown }).k);
    const isSame =
      'number' in their && own !== null && 'number' in own
        ? Object.is(Number(own.number), Number(their.number.replace(/^(-?)inf$/, '$1Infinity'))) ||
          Number(own.number) === Number(their.number)
        : JSON.stringify(own) === JSON.stringify(their);
    return isSame ? [] : [{ text, own, their }];
  });
  expect(others).toEqual([]);
});

test('merge keys bring what DVC has them bring', () => {
  const texts = [
    'b: &b {k: 1, n: 3}\nt: &t {<<: *b, n: 1}\n<<: *t\n',
    'a: &a {k: 1}\nb: &b {k: 2}\n<<: [*a, *b]\n',
    'a: &a {k: 1}\nk: 5\n<<: *a\n',
    'a: &a {k: 1}\n<<: *a\nk: 5\n',
  ];
  const own = texts.map((text) => described((parseParams(text) as { k: unknown }).k));
  expect(own).toEqual(loaded(texts));
});
