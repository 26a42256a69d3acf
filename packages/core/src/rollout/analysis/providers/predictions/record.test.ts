import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { WHOLE } from './pairs.ts';
import { recorderTo } from './record.ts';

const ARMS = { candidate: { version: 'v2.0.0', weight: 0 }, stable: { version: 'v1.0.0', weight: 100 } };

test('predictions of both versions are kept by id, each once', async () => {
  const file = path.join(await temporaryFolder('record'), 'deep', 'predictions.jsonl');
  const record = recorderTo(file, WHOLE);
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
