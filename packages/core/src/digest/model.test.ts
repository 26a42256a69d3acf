import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '@sluice/testing/action.ts';
import { NotAPlainFileError, sha256 } from './files.ts';
import { EmptyModelError, digestModel } from './model.ts';

const PYTHON = path.join(ROOT, '.venv/bin/python');

/** The root that OpenSSF model signing puts into the statement it signs. */
const OPENSSF = `
import sys
from pathlib import Path
from model_signing import hashing
from model_signing._signing.signing import Payload
for given in sys.argv[1:]:
    print(Payload(hashing.Config().hash(Path(given))).statement.pb.subject[0].digest["sha256"])
`;

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
  test('is the root that model_signing computes, for folders and single files', async () => {
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
    const { stdout } = await promisify(execFile)(PYTHON, ['-c', OPENSSF, ...models]);
    const ours = await Promise.all(models.map(async (model) => (await digestModel(model)).sha256));
    expect(ours).toEqual(stdout.trim().split('\n'));
  });

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
