import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { runGit } from '@sluice/testing/repository.ts';
import { writeObject } from './loose-object.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-object-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['sha1', 'sha256'])('objects are those that git writes itself (%s)', async (format) => {
  const repository = path.join(folder, format);
  await runGit(folder, ['init', '--quiet', '--bare', `--object-format=${format}`, repository]);
  const write = (type: string, content: Buffer): Promise<string> =>
    writeObject(path.join(repository, 'objects'), format, type, content);
  const blob = await write('blob', Buffer.from('{"ä": 1}\n'));
  expect(await write('blob', Buffer.from('{"ä": 1}\n'))).toBe(blob);
  const entry = Buffer.concat([Buffer.from('100644 rollout.json\0'), Buffer.from(blob, 'hex')]);
  const tree = await write('tree', entry);
  const who = 'A <a@example.com> 1700000000 +0000';
  const commit = await write(
    'commit',
    Buffer.from(`tree ${tree}\nauthor ${who}\ncommitter ${who}\n\nRollout\n`),
  );
  expect(await runGit(repository, ['cat-file', 'blob', `${commit}:rollout.json`])).toBe('{"ä": 1}');
  expect(await runGit(repository, ['fsck', '--strict', '--no-dangling', commit])).toBe('');
});
