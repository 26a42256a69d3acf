import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { hashFiles } from './parallel.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-hash-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

test('many files are digested by threads, each result at the place of its file', async () => {
  const contents = Array.from({ length: 1000 }, (_, i) => `content ${i}`);
  const files = await Promise.all(contents.map((content, i) => write(`many/${i}`, content)));
  const expected = contents.map((content) => ({
    hex: createHash('sha256').update(content).digest('hex'),
    bytes: content.length,
    isPointer: false,
  }));
  expect(await hashFiles(files, 'sha256')).toEqual(expected);
  expect(await hashFiles(files.slice(0, 3), 'sha256')).toEqual(expected.slice(0, 3));
});

test('large files are digested by threads, links are followed, no files are no digests', async () => {
  const content = Buffer.alloc(17 << 20, 'abcdefg');
  const file = await write('large', content);
  await symlink(file, path.join(root, 'link'));
  const hex = createHash('md5').update(content).digest('hex');
  const hashed = { hex, bytes: content.length, isPointer: false };
  expect(await hashFiles([path.join(root, 'link'), file], 'md5')).toEqual([hashed, hashed]);
  expect(await hashFiles([], 'md5')).toEqual([]);
});

test.each([1, 500])(
  'a file that is not there is an error with its name and code, among %d',
  async (count) => {
    const file = await write('there', '');
    const files = [...new Array<string>(count).fill(file), path.join(root, 'missing')];
    await expect(hashFiles(files, 'md5')).rejects.toMatchObject({
      code: 'ENOENT',
      path: path.join(root, 'missing'),
    });
  },
);
