import { beforeEach, expect, test } from '@jest/globals';
import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { filesBeside, writtenBeside } from './beside.ts';
import type { OutputPath, Outputs } from './inputs.ts';

let base: string;
let outputs: Outputs;
const output = (name: string): OutputPath => ({ absolute: path.join(base, name), name, what: '' });
const write = async (name: string, text = ''): Promise<void> => {
  await mkdir(path.dirname(path.join(base, name)), { recursive: true });
  await writeFile(path.join(base, name), text);
};
beforeEach(async () => {
  base = await temporaryFolder('beside');
  outputs = { model: output('out/model'), metrics: output('out/metrics.json'), others: [] };
  await write('train.py');
  await write('out/kept/by-an-earlier-run.txt');
});

async function writtenBy(command: () => Promise<void>, directory = base): Promise<string[]> {
  const before = await filesBeside({ base, outputs }, { directory });
  await command();
  return writtenBeside(before, await filesBeside({ base, outputs }, { directory }));
}

test('what a command writes beside its outputs is found, however deep, and nothing else', async () => {
  const found = await writtenBy(async () => {
    await write('out/model/weights');
    await write('out/metrics.json');
    await write('out/split/test.csv');
    await write('out/log.txt');
    await write('out/.cache/x');
    await write('out/__pycache__/x.pyc');
    await write('elsewhere.csv');
  });
  expect(found).toEqual(['out/log.txt', 'out/split/test.csv']);
});

test.each<[string, () => Promise<void>]>([
  ['written again', () => write('out/kept/by-an-earlier-run.txt', 'other')],
  [
    'replaced by one of the same size and time',
    async () => {
      await write('out/kept/new');
      await utimes(path.join(base, 'out/kept/new'), 1, 1);
      await rename(path.join(base, 'out/kept/new'), path.join(base, 'out/kept/by-an-earlier-run.txt'));
    },
  ],
  [
    'replaced by a link',
    async () => {
      await rm(path.join(base, 'out/kept/by-an-earlier-run.txt'));
      await symlink('nowhere', path.join(base, 'out/kept/by-an-earlier-run.txt'));
    },
  ],
])('a file that was there counts when it is %s', async (_, change) => {
  expect(await writtenBy(change)).toEqual(['out/kept/by-an-earlier-run.txt']);
});

test('what is named as an output is not beside it', async () => {
  outputs = { ...outputs, others: [output('out/split')] };
  expect(await writtenBy(() => write('out/split/test.csv'))).toEqual([]);
});

test('a folder that is gone afterwards, or was not there before, is no error', async () => {
  expect(await writtenBy(() => rm(path.join(base, 'out'), { recursive: true }))).toEqual([]);
  expect(await writtenBy(() => write('out/new.csv'))).toEqual(['out/new.csv']);
});

test('where the outputs lie among the code, nothing is searched', async () => {
  outputs = { model: output('model.pkl'), others: [] };
  expect(await writtenBy(() => write('other.csv'))).toEqual([]);
  outputs = { model: output('ml/model.pkl'), others: [] };
  expect(await writtenBy(() => write('ml/other.csv'), path.join(base, 'ml'))).toEqual([]);
});
