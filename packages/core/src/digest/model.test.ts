import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { NotAPlainFileError, sha256 } from './files.ts';
import { EmptyModelError, digestModel } from './model.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-digest-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [file, content] of Object.entries(files)) {
    const absolute = path.join(root, name, file);
    await mkdir(path.dirname(absolute), { recursive: true });
    await writeFile(absolute, content);
  }
  return path.join(root, name);
}

describe('the model digest', () => {
  test('of a single file does not depend on its name', async () => {
    const files = await folder('names', { one: 'same', two: 'same' });
    const [one, two] = await Promise.all(['one', 'two'].map((name) => digestModel(path.join(files, name))));
    expect(one?.sha256).toBe(two?.sha256);
    expect(one?.files).toEqual([{ path: 'one', bytes: 4, sha256: sha256('same') }]);
  });

  test('covers every file that counts, and no other', async () => {
    const model = await folder('covered', { b: '22', 'a/c': '1', '.git/HEAD': 'left out' });
    const { files, bytes } = await digestModel(model);
    expect(files.map((f) => f.path)).toEqual(['a/c', 'b']);
    expect(bytes).toBe(3);
  });

  test('refuses symbolic links and folders without files', async () => {
    const model = await folder('linked', { file: 'x' });
    await symlink('/etc/hostname', path.join(model, 'link'));
    await expect(digestModel(model)).rejects.toThrow(NotAPlainFileError);
    await expect(digestModel(path.join(model, 'link'))).rejects.toThrow(NotAPlainFileError);
    await mkdir(path.join(root, 'nothing/inside'), { recursive: true });
    await expect(digestModel(path.join(root, 'nothing'))).rejects.toThrow(EmptyModelError);
  });
});
