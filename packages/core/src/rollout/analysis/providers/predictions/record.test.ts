import { expect, test } from '@jest/globals';
import { readFile, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { WHOLE } from './pairs.ts';
import { recorderTo } from './record.ts';

const ARMS = { candidate: { version: 'v2.0.0', weight: 0 }, stable: { version: 'v1.0.0', weight: 100 } };

test('predictions of both versions are kept by id, each once', async () => {
  const root = await temporaryFolder('record');
  const file = path.join(root, 'deep', 'predictions.jsonl');
  const record = recorderTo(root, file, WHOLE);
  const answers = { candidate: { prediction: 'late' }, stable: { prediction: 'in time' } };
  await record([{ id: 'a', input: 1, ...answers }], ARMS);
  await record(
    [
      { id: 'a', input: 1, ...answers },
      { id: 'b', input: 2, candidate: undefined, stable: { prediction: 0 } },
      { input: 3, ...answers },
    ],
    ARMS,
  );
  await record([], ARMS);
  expect((await readFile(file, 'utf8')).split('\n')).toEqual([
    '{"id":"a","version":"v2.0.0","prediction":"late"}',
    '{"id":"a","version":"v1.0.0","prediction":"in time"}',
    '{"id":"b","version":"v1.0.0","prediction":0}',
    '',
  ]);
});

test('no link in the checkout leads the record elsewhere', async () => {
  const [root, elsewhere] = [await temporaryFolder('record'), await temporaryFolder('elsewhere')];
  await symlink(elsewhere, path.join(root, 'out'));
  await symlink(path.join(elsewhere, 'file'), path.join(root, 'file'));
  for (const file of [path.join(root, 'out', 'predictions.jsonl'), path.join(root, 'file')]) {
    const record = recorderTo(root, file, WHOLE);
    const pair = { id: 'a', input: 1, candidate: { prediction: 1 }, stable: undefined };
    await expect(record([pair], ARMS)).rejects.toThrow('symbolic link');
  }
});
