/* eslint-disable jest/no-export, jest/expect-expect -- a suite that the test file of every store runs; the helper expects */
import { expect, test } from '@jest/globals';
import { lstat, mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { inParallel } from '@sluice/core/transfer/parallel.ts';
import { Bench, digestOf, type MadeModel, type StoreKind, type StoreUnderTest } from './harness.ts';

const NONE = new Map<string, never>();

/** What file systems and servers have stumbled over. */
const NAMES = [
  'with space',
  ' leading and trailing ',
  '-rf',
  '--help',
  '.hidden',
  '..two',
  'a..b',
  '...',
  'model',
  'entry.json',
  'CON.txt',
  'plus+and&equals=1',
  'percent%41%2F%',
  'hash#question?star*',
  'quotes\'"`',
  '$(touch x);|<>',
  'back\\slash',
  'new\nline',
  'tab\there',
  'colon:semi;at@',
  'brackets[]{}~^',
  'größe-模型-модель',
  // The same letter as one character and as two.
  'caf\u00e9',
  'cafe\u0301',
  '\u{1f600}\u{10348}',
  // Folds to the letter before.
  'SAME',
  'same',
  `${'n'.repeat(250)}.bin`,
  '\u6a21'.repeat(85),
];

/** Names, sizes and numbers of files. */
export function nameTests<T extends StoreUnderTest>(kind: StoreKind<T>): void {
  const withStore = (body: (bench: Bench<T>) => Promise<void>) => () => Bench.with(kind, body);
  const goesThrough = async (bench: Bench<T>, { at, modelPath }: MadeModel): Promise<string> => {
    expect(await bench.open().put(at.model, at.digest, modelPath, NONE)).toMatchObject({ created: true });
    const fetched = await bench.open().fetch(at.model, at.digest, await bench.destination());
    expect(await digestOf(fetched.modelPath)).toBe(at.digest);
    return fetched.modelPath;
  };

  test(
    'keeps every name as it is',
    withStore(async (bench) => {
      const names = NAMES.filter((name) => kind.refusedNames[name] === undefined);
      const files = names.flatMap((name) => [
        [name, `bytes of ${name}`] as const,
        [`in ${name.slice(0, 40)}/${name}`, name] as const,
      ]);
      const model = await bench.model(Object.fromEntries(files));
      const fetched = await goesThrough(bench, model);
      await inParallel(Object.keys(model.files), 8, (name) => lstat(path.join(fetched, name)));
    }),
  );

  const refused = Object.entries(kind.refusedNames);
  if (refused.length > 0) {
    test.each(refused)('refuses the name %j with a reason, and stores nothing', (name, says) =>
      Bench.with(kind, async (bench) => {
        const { at, modelPath } = await bench.model({ [name]: 'bytes' });
        await expect(bench.open().put(at.model, at.digest, modelPath, NONE)).rejects.toMatchObject({
          reasonCode: 'bad-input',
          message: expect.stringMatching(says),
        });
        expect(await bench.open().has(at.model, at.digest)).toBe(false);
      }),
    );
  }

  test(
    'keeps deep folders',
    withStore(async (bench) => {
      const deep = `${'f'.repeat(19)}/`.repeat(Math.floor(kind.longestPath / 20) - 1);
      await goesThrough(
        bench,
        await bench.model({ [`${deep}${'n'.repeat(kind.longestPath - deep.length)}`]: 'deep' }),
      );
    }),
  );

  test(
    'keeps empty files',
    withStore(async (bench) => {
      const fetched = await goesThrough(bench, await bench.model({ empty: '', 'deep/empty': '' }));
      expect((await lstat(path.join(fetched, 'deep/empty'))).size).toBe(0);
      const file = path.join(bench.scratch, 'nothing');
      await writeFile(file, '');
      const at = { model: 'm', digest: await digestOf(file) };
      const fetchedFile = await goesThrough(bench, { at, modelPath: file, files: {} });
      expect((await lstat(fetchedFile)).size).toBe(0);
    }),
  );

  test(
    `keeps ${kind.manyFiles.toLocaleString('en')} small files`,
    withStore(async (bench) => {
      const modelPath = path.join(bench.scratch, 'many');
      const folders = Array.from({ length: Math.ceil(kind.manyFiles / 1000) }, (_, i) => `shard-${i}`);
      for (const folder of folders) await mkdir(path.join(modelPath, folder), { recursive: true });
      const numbers = Array.from({ length: kind.manyFiles }, (_, i) => i);
      await inParallel(numbers, 16, (i) =>
        writeFile(path.join(modelPath, `shard-${Math.floor(i / 1000)}/${i}.bin`), `${bench.scratch} ${i}`),
      );
      const at = { model: 'm', digest: await digestOf(modelPath) };
      await goesThrough(bench, { at, modelPath, files: {} });
    }),
  );
}
