import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { digestKept, digestModel, keptPath } from './model.ts';
import { UnusableModelError } from './unusable.ts';

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
  test('of what a store keeps is that of the file, or of the folder, that was put there', async () => {
    const kept = await folder('kept', { 'model.bin': 'same' });
    const [file, whole] = await Promise.all([digestModel(path.join(kept, 'model.bin')), digestModel(kept)]);
    const [asFile, asFolder] = await Promise.all([file, whole].map(({ sha256 }) => digestKept(kept, sha256)));
    expect(asFile).toEqual(file);
    expect(asFolder).toEqual(whole);
    expect([file, whole].map((model) => keptPath(kept, model))).toEqual([path.join(kept, 'model.bin'), kept]);
    expect((await digestKept(kept, 'f'.repeat(64))).sha256).toBe(whole.sha256);
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
    await expect(digestModel(model)).rejects.toThrow(UnusableModelError);
    await expect(digestModel(path.join(model, 'link'))).rejects.toThrow(UnusableModelError);
    await mkdir(path.join(root, 'nothing/inside'), { recursive: true });
    await expect(digestModel(path.join(root, 'nothing'))).rejects.toThrow(UnusableModelError);
  });
});
