import { expect, test } from '@jest/globals';
import { silentLog } from '@sluice/testing/log.ts';
import { startAnswering } from '@sluice/testing/s3/answering.ts';
import { s3Store } from './store.ts';

const DIGEST = 'ab'.repeat(32);

test('nothing is read of what lies beside a model and is longer than it may be', async () => {
  const { env, asked } = await startAnswering((response, line) => {
    if (line.endsWith('/entry.json')) response.writeHead(404).end();
    else response.writeHead(200, { etag: '"e"', 'content-length': String(2 ** 40) }).end();
  });
  const store = s3Store({ bucket: 'b', key: 'models' }, { env, log: silentLog });
  const wanted = { name: 'passport.jsonl', sha256: 'cd'.repeat(32) };
  await expect(store.companion('m', DIGEST, wanted)).rejects.toMatchObject({
    reasonCode: 'evidence-mismatch',
    message: expect.stringMatching(
      /^s3:\/\/b\/models\/m\/sha256\/(?:ab){32}\/.*passport\.jsonl was changed: it has 1099511627776 bytes/,
    ),
  });
  expect(asked.filter((line) => line.startsWith('GET') && line.includes('passport'))).toEqual([]);
});
