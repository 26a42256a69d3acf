import { describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../../action/errors.ts';
import { diskError, explained } from './explain.ts';

const ROOT = '/srv/models';
const failure = (code: string, paths: { path?: string; dest?: string } = { path: `${ROOT}/m/x` }): Error =>
  Object.assign(new Error(`${code}: it failed`), { code, ...paths });

describe('an error of the disk below a store', () => {
  test.each([
    ['ENOSPC', 'service-unavailable', 'The disk is full'],
    ['EDQUOT', 'service-unavailable', 'quota'],
    ['EFBIG', 'service-unavailable', 'ulimit -f'],
    ['EIO', 'service-unavailable', 'log of the kernel'],
    ['EMFILE', 'service-unavailable', 'ulimit -n'],
    ['ENAMETOOLONG', 'service-unavailable', 'Shorten'],
    ['ESTALE', 'service-unavailable', 'Mount it again'],
    ['ENOENT', 'service-unavailable', 'cleans'],
    ['EROFS', 'no-permission', 'write access'],
    ['EACCES', 'no-permission', 'write access'],
    ['EPERM', 'no-permission', 'write access'],
  ])('%s says what to do', (code, reasonCode, advice) => {
    expect(diskError(ROOT, failure(code))).toMatchObject({
      reasonCode,
      message: expect.stringMatching(new RegExp(`dir:${ROOT} .*${code}.*${advice}`)),
    });
  });

  test('is told from one about a file elsewhere, and from what is none', () => {
    expect(diskError(ROOT, failure('EACCES', { path: '/home/me/model' }))).toBeUndefined();
    expect(diskError(ROOT, failure('EACCES', { path: '/home/me/model', dest: `${ROOT}/m` }))).toBeDefined();
    expect(diskError(ROOT, failure('EIO', {}))).toBeDefined();
    expect(diskError(ROOT, failure('ENOENT', { path: '/srv/models-2/m' }))).toBeUndefined();
    expect(diskError(ROOT, new UserError('bad-input', 'said already'))).toBeUndefined();
    expect(diskError(ROOT, new Error('a bug'))).toBeUndefined();
  });

  test('is explained as the real disk says it', async () => {
    const root = await mkdtemp(path.join(os.tmpdir(), 'sluice-explain-'));
    const long = path.join(root, 'n'.repeat(300));
    await writeFile(path.join(root, 'file'), '');
    await symlink('circle', path.join(root, 'circle'));
    const failing: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['ENAMETOOLONG', () => writeFile(long, '')],
      ['ENOTDIR', () => readFile(path.join(root, 'file/below'))],
      ['EISDIR', () => readFile(root)],
      ['ELOOP', () => readFile(path.join(root, 'circle'))],
      ['ENOSPC', () => writeFile('/dev/full', 'x')],
    ];
    for (const [code, body] of failing)
      await expect(explained(root, body)).rejects.toMatchObject({
        reasonCode: 'service-unavailable',
        message: expect.stringContaining(code),
      });
    await rm(root, { recursive: true });
  });
});
