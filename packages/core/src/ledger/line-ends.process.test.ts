import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { sha256 } from '../digest/files.ts';
import { digestsWithoutCr } from './line-ends.ts';

const TEXT = `id,label\n${Array.from({ length: 130_000 }, (_, i) => `f${i},${i % 2}`).join('\n')}\n`;
const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

let repository: TestRepository;
beforeEach(async () => {
  repository = await createRepository({ 'a.csv': TEXT, 'sub/b c.csv': 'x\ny\n', 'mixed.csv': 'x\r\ny\n' });
});
afterEach(() => repository.remove());

async function digests(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const absolute = Object.keys(files).map((name) => path.join(repository.workspace, name));
  for (const [name, text] of Object.entries(files))
    await writeFile(path.join(repository.workspace, name), text);
  const found = await digestsWithoutCr(absolute, repository.workspace, new AbortController().signal);
  return Object.fromEntries(
    [...found].map(([file, digest]) => [path.relative(repository.workspace, file), digest]),
  );
}

describe('the content that git wrote with CR LF', () => {
  test('is what it was, whatever the size and name', async () => {
    expect(await digests({ 'a.csv': crlf(TEXT), 'sub/b c.csv': 'x\r\ny\r\n' })).toEqual({
      'a.csv': sha256(TEXT),
      'sub/b c.csv': sha256('x\ny\n'),
    });
  });

  test('is that of a real checkout', async () => {
    const clone = await repository.clone('-c', 'core.autocrlf=true');
    const file = path.join(clone, 'a.csv');
    const found = await digestsWithoutCr([file], clone, new AbortController().signal);
    expect([...found]).toEqual([[file, sha256(TEXT)]]);
  });

  test.each<[string, Record<string, string>]>([
    ['a file with another value', { 'a.csv': crlf(TEXT).replace('f7,1', 'f7,0') }],
    ['a file with another carriage return', { 'sub/b c.csv': 'x\r\r\ny\r\n' }],
    ['a file with both line ends', { 'mixed.csv': 'x\r\ny\r\n' }],
    ['a file with LF', { 'a.csv': TEXT }],
    ['a file that git does not track', { 'new.csv': 'x\r\ny\r\n' }],
    ['an empty file', { 'a.csv': '' }],
  ])('is not guessed of %s', async (_, files) => {
    expect(await digests(files)).toEqual({});
  });

  test('is not looked for outside of a repository', async () => {
    await rm(path.join(repository.workspace, '.git'), { recursive: true });
    expect(await digests({ 'sub/b c.csv': 'x\r\ny\r\n' })).toEqual({});
  });
});
