import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256 } from '@sluice/core/digest/files.ts';
import { formatManifest } from '@sluice/core/digest/manifest.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import { runPython } from './python.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-manifest-'));
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

/** What docs/concepts.md tells a reader to type. */
const OF_A_FOLDER =
  "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1";

function coreutils(cwd: string, command: string): string {
  return execFileSync('bash', ['-c', command], { cwd, encoding: 'utf8' }).trim();
}

describe('the model digest is what coreutils compute', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['a folder', { 'model.joblib': 'weights', 'metadata/info.json': '{}' }],
    [
      'names that sort differently by bytes',
      { 'a/b': '1', 'a-b': '2', a0: '3', 'a/b.d/e': '4', '～': '5', '😀': '6' },
    ],
    [
      'names that sha256sum escapes',
      { 'a\\b': '1', 'line\nbreak': '2', 'carriage\rreturn': '3', '-rf': '4' },
    ],
    ['an empty file', { model: '' }],
  ])('of %s', async (name, files) => {
    const model = await folder(name.replaceAll(' ', '-'), files);
    expect((await digestModel(model)).sha256).toBe(coreutils(model, OF_A_FOLDER));
  });

  test('of a single file', async () => {
    const model = await folder('single', { 'model.onnx': 'weights' });
    const { sha256: digest } = await digestModel(path.join(model, 'model.onnx'));
    expect(digest).toBe(coreutils(model, "sha256sum model.onnx | sha256sum | cut -d ' ' -f 1"));
  });

  test('and sha256sum -c checks its manifest', async () => {
    const model = await folder('checked', { a: '1', 'b/c': '2', 'd\\e': '3' });
    const { kind, files } = await digestModel(model);
    await writeFile(path.join(root, 'MANIFEST'), formatManifest(kind, files));
    expect(coreutils(model, 'sha256sum --strict -c ../MANIFEST | sort')).toBe(
      './a: OK\n./b/c: OK\n./d\\e: OK',
    );
  });
});

describe('the model digest binds names', () => {
  test('of files in a folder, and of a single file', async () => {
    const model = await folder('renamed', { 'checkpoint.bin': 'bad', 'model.bin': 'good' });
    const before = await digestModel(model);
    await rename(path.join(model, 'model.bin'), path.join(model, 'model.bin.bak'));
    await rename(path.join(model, 'checkpoint.bin'), path.join(model, 'model.bin'));
    expect((await digestModel(model)).sha256).not.toBe(before.sha256);
    const [pickle, onnx] = await Promise.all(
      ['m.pkl', 'm.onnx'].map(async (name) =>
        digestModel(path.join(await folder('names', { [name]: 'same' }), name)),
      ),
    );
    expect(pickle?.sha256).not.toBe(onnx?.sha256);
  });

  test('so that a file and a folder that holds it differ', async () => {
    const model = await folder('held', { model: 'x' });
    expect((await digestModel(model)).sha256).not.toBe((await digestModel(path.join(model, 'model'))).sha256);
  });
});

describe('no digest is given of', () => {
  test.each<[string, RegExp, (model: string) => Promise<unknown>]>([
    ['a link', /symbolic link/, (model) => symlink('/etc/hostname', path.join(model, 'link'))],
    ['a link that leads nowhere', /symbolic link/, (model) => symlink('gone', path.join(model, 'link'))],
    [
      'an empty folder inside',
      /empty folder.*\.keep/,
      (model) => mkdir(path.join(model, 'assets/deep'), { recursive: true }),
    ],
    [
      'a Git LFS pointer',
      /git lfs pull/,
      (model) =>
        writeFile(
          path.join(model, 'w'),
          `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256('')}\nsize 1\n`,
        ),
    ],
    [
      'a name that is not UTF-8',
      /not UTF-8/,
      (model) => writeFile(Buffer.concat([Buffer.from(`${model}/`), Buffer.from([0xff, 0xfe])]), 'x'),
    ],
  ])('%s', async (name, message, spoil) => {
    const model = await folder(`spoilt-${name.replaceAll(' ', '-')}`, { file: 'x' });
    await spoil(model);
    await expect(digestModel(model)).rejects.toThrow(message);
  });

  test('a folder of nothing', async () => {
    await mkdir(path.join(root, 'nothing/inside'), { recursive: true });
    await expect(digestModel(path.join(root, 'nothing'))).rejects.toThrow(/empty folder/);
    await mkdir(path.join(root, 'bare'));
    await expect(digestModel(path.join(root, 'bare'))).rejects.toThrow(/holds no files/);
  });
});

test('the signing root is what model_signing computes, for folders and single files', async () => {
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
  const ours = await Promise.all(models.map(async (model) => (await digestModel(model)).signingRoot));
  expect(ours).toEqual(stdout.trim().split('\n'));
});
