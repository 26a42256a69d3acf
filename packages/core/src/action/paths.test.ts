import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { insideWorkspace, isInside, nameWithin } from './paths.ts';

let root: string;
let workspace: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-paths-'));
  workspace = path.join(root, 'workspace');
  await mkdir(path.join(workspace, 'folder'), { recursive: true });
  await writeFile(path.join(workspace, 'file.txt'), 'x');
  await writeFile(path.join(root, 'outside.txt'), 'x');
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Kind = Parameters<typeof insideWorkspace>[3]['kind'];
const resolve = (given: string, kind: Kind = 'any', base = workspace): Promise<string> =>
  insideWorkspace(workspace, base, given, { what: "input 'x'", kind });

describe('a path inside', () => {
  test.each<[string, Kind]>([
    ['file.txt', 'file'],
    ['./folder/../file.txt', 'file'],
    ['folder', 'directory'],
    ['.', 'directory'],
    ['folder', 'any'],
    ['new/deep/file', 'absent'],
    ['..file', 'absent'],
  ])('%s as %s', async (given, kind) => {
    expect(await resolve(given, kind)).toBe(path.resolve(workspace, given));
  });

  test('is relative to the base, and may be absolute', async () => {
    expect(await resolve('../file.txt', 'file', path.join(workspace, 'folder'))).toBe(
      path.join(workspace, 'file.txt'),
    );
    expect(await resolve(path.join(workspace, 'file.txt'), 'file')).toBe(path.join(workspace, 'file.txt'));
  });

  test('in a workspace that is reached through a link', async () => {
    await symlink(workspace, path.join(root, 'link'));
    const linked = path.join(root, 'link');
    expect(await insideWorkspace(linked, linked, 'file.txt', { what: 'x', kind: 'file' })).toBe(
      path.join(linked, 'file.txt'),
    );
  });
});

describe('a path outside', () => {
  test.each([
    '..',
    '../outside.txt',
    'folder/../../outside.txt',
    '/etc/passwd',
    '../workspace-2/x',
    '../new/file',
  ])('%s is refused', async (given) => {
    await expect(resolve(given, 'absent')).rejects.toMatchObject({
      reasonCode: 'bad-input',
      message: expect.stringContaining(`input 'x' is '${given}', which leaves the workspace`),
    });
  });

  test.each(['link/outside.txt', 'link/new', 'link'])('through a link: %s', async (given) => {
    await symlink(root, path.join(workspace, 'link'));
    await expect(resolve(given, 'absent')).rejects.toMatchObject({ reasonCode: 'bad-input' });
  });

  test('no path that is accepted leaves, whatever is given', async () => {
    const real = await realpath(workspace);
    const segment = fc.constantFrom('..', '.', 'folder', 'file.txt', 'new', '', ' ', '~', '...');
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1 }), fc.boolean(), async (segments, absolute) => {
        const given = (absolute ? '/' : '') + segments.join('/');
        const accepted = await resolve(given, 'absent').catch(() => undefined);
        const expected = isInside(path.resolve(real, given), real);
        expect(accepted !== undefined).toBe(expected);
      }),
    );
  });
});

describe('what cannot be used', () => {
  test.each<[string, Kind, string, string]>([
    ['nope.txt', 'file', 'missing-file', 'nothing is there'],
    ['file.txt/below', 'any', 'missing-file', 'nothing is there'],
    ['folder', 'file', 'bad-input', 'is a directory; a file is needed'],
    ['file.txt', 'directory', 'bad-input', 'is a file; a directory is needed'],
    ['a\0b', 'file', 'bad-input', 'NUL'],
    ['x'.repeat(5000), 'file', 'bad-input', '5000 characters'],
  ])('%s as %s: %s', async (given, kind, reasonCode, text) => {
    await expect(resolve(given, kind)).rejects.toMatchObject({
      reasonCode,
      message: expect.stringContaining(text),
    });
  });

  test('a link to itself', async () => {
    await symlink('loop', path.join(workspace, 'loop'));
    await expect(resolve('loop', 'file')).rejects.toMatchObject({
      reasonCode: 'bad-input',
      message: expect.stringContaining('leads back to itself'),
    });
  });
});

test.each([
  ['on Windows', path.win32, 'D:\\a\\repo', 'D:\\a\\repo\\data\\train.csv'],
  ['elsewhere', path.posix, '/a/repo', '/a/repo/data/train.csv'],
])('a file is named alike %s', (_, rules, root, file) => {
  expect(nameWithin(root, file, rules)).toBe('data/train.csv');
});
