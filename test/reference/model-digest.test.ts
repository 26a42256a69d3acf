import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { digestModel } from '@sluice/core/digest/model.ts';
import { runPython } from './python.ts';

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

test('the model digest is the root that model_signing computes, for folders and single files', async () => {
  const plain = await folder('plain', { 'model.joblib': 'weights', 'metadata/info.json': '{}' });
  const models = [
    plain,
    path.join(plain, 'model.joblib'),
    // A hyphen sorts before a slash, but whole segments are compared.
    await folder('segments', { 'a/b': '1', 'a-b': '2', a0: '3', 'a/b-c': '4', 'a/b.d/e': '5' }),
    // U+FF5E comes before U+1F600 as a code point, after it in UTF-16.
    await folder('unicode', { '～': '1', '😀': '2', é: '3', z: '4', Z: '5' }),
    await folder('ignored', { model: 'x', '.git/config': 'y', '.gitignore': 'z', 'deep/.gitignore': 'w' }),
    await folder('empty-file', { model: '' }),
  ];
  const stdout = await runPython('model_signing_roots.py', ...models);
  const ours = await Promise.all(models.map(async (model) => (await digestModel(model)).sha256));
  expect(ours).toEqual(stdout.trim().split('\n'));
});
