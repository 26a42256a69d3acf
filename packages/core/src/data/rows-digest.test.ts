import { gzipSync } from 'node:zlib';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { expandFiles } from './files.ts';
import { digestRows } from './rows-digest.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder('rows-digest');
});

type Files = Readonly<Record<string, string | Uint8Array>>;
let sets = 0;

async function digestOf(files: Files): Promise<string> {
  const set = `${++sets}-`;
  for (const [name, content] of Object.entries(files))
    await writeFile(path.join(folder, set + name), content);
  const names = Object.keys(files).map((name) => set + name);
  const found = await expandFiles(names, {
    base: folder,
    what: 'test',
    inside: (given) => Promise.resolve(path.join(folder, given)),
  });
  return digestRows(found.files, {});
}

const TEXT = 'id,label,note\na,1,\nb,0,"x, y"\nc,1,z\n';
let own: string;
beforeAll(async () => {
  own = await digestOf({ 'test.csv': TEXT });
});

describe('the digest of rows is the same', () => {
  test.each<[string, Files]>([
    ['under another name', { 'other.csv': TEXT }],
    ['with a blank line', { 'test.csv': `${TEXT}\n\n` }],
    ['with a blank line among the rows', { 'test.csv': TEXT.replace('b,0', '\nb,0') }],
    ['with other line ends', { 'test.csv': TEXT.replaceAll('\n', '\r\n') }],
    ['with a mark of the byte order', { 'test.csv': `\uFEFF${TEXT}` }],
    ['with the rows in another order', { 'test.csv': 'id,label,note\nc,1,z\na,1,\nb,0,"x, y"\n' }],
    ['with the columns in another order', { 'test.csv': 'note,id,label\n,a,1\n"x, y",b,0\nz,c,1\n' }],
    ['with another delimiter', { 'test.csv': 'id;label;note\na;1;\nb;0;x, y\nc;1;z\n' }],
    ['packed', { 'test.csv.gz': gzipSync(TEXT) }],
    ['in two files', { '1.csv': 'id,label,note\nc,1,z\n', '2.csv': 'id,label,note\nb,0,"x, y"\na,1,\n' }],
    [
      'as JSON Lines',
      {
        'test.jsonl':
          '{"label":"1","id":"a"}\n{"id":"b","label":"0","note":"x, y"}\n{"note":"z","id":"c","label":"1"}\n',
      },
    ],
  ])('%s', async (_, files) => {
    expect(await digestOf(files)).toBe(own);
  });
});

describe('the digest of rows is another', () => {
  test.each<[string, string]>([
    ['with a row less', 'id,label,note\na,1,\nb,0,"x, y"\n'],
    ['with a row twice', `${TEXT}c,1,z\n`],
    ['with another value', TEXT.replace('c,1', 'c,0')],
    ['with two values swapped', 'id,label,note\na,1,\nb,0,z\nc,1,"x, y"\n'],
    ['with a column less', 'id,label\na,1\nb,0\nc,1\n'],
    ['with another name of a column', TEXT.replace('note', 'notes')],
    ['with a value cut elsewhere', TEXT.replace('c,1,z', 'c1,,z')],
  ])('%s', async (_, text) => {
    expect(await digestOf({ 'test.csv': text })).not.toBe(own);
  });

  test('where nothing is left', async () => {
    expect(await digestOf({ 'test.csv': 'id,label,note\n' })).toMatch(/^[0-9a-f]{64}$/);
  });
});
