import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { refuseUnsafeFile } from './untrusted-file.ts';

let workspace: string;

beforeEach(async () => {
  workspace = await temporaryFolder('untrusted');
  await writeFile(path.join(workspace, 'p.csv'), 'label\n1\n');
});

const check = (given: string): Promise<void> =>
  refuseUnsafeFile(workspace, { what: "input 'predictions'", given, base: workspace });

test('a plain file is read', async () => {
  await expect(check('p.csv')).resolves.toBeUndefined();
});

test('a link is refused, and what lies behind one', async () => {
  await symlink('p.csv', path.join(workspace, 'link.csv'));
  await mkdir(path.join(workspace, 'real'));
  await writeFile(path.join(workspace, 'real', 'p.csv'), '');
  await symlink('real', path.join(workspace, 'folder'));
  for (const given of ['link.csv', 'folder/p.csv']) {
    await expect(check(given)).rejects.toMatchObject({
      reasonCode: 'bad-input',
      message: expect.stringContaining('symbolic link'),
    });
  }
});

test('a packed file is refused', async () => {
  await writeFile(path.join(workspace, 'p.csv.gz'), '');
  await expect(check('p.csv.gz')).rejects.toMatchObject({ reasonCode: 'bad-input' });
});

test('a file of more than 256 MiB is refused', async () => {
  await truncate(path.join(workspace, 'p.csv'), 256 * 2 ** 20 + 1);
  await expect(check('p.csv')).rejects.toMatchObject({ reasonCode: 'unreadable-data' });
  await truncate(path.join(workspace, 'p.csv'), 256 * 2 ** 20);
  await expect(check('p.csv')).resolves.toBeUndefined();
});

test("a file that the fork's run did not leave is not a mistake of the workflow here", async () => {
  await expect(check('none.csv')).rejects.toMatchObject({
    reasonCode: 'missing-file',
    message: expect.stringContaining("the fork's run left no such file"),
  });
});
