import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { silentLog } from '@sluice/testing/log.ts';
import { sendWithoutEnd, startAnswering } from '@sluice/testing/s3/answering.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { openS3 } from '../s3/connection.ts';
import { ByteCache } from './cache.ts';
import { fetchObjects, type Wanted } from './fetch.ts';

const SHA256 = 'ab'.repeat(32);

test.each<[string, Wanted, string, RegExp]>([
  [
    'pinned',
    {
      kind: 'pinned',
      bucket: 'data',
      pin: { key: 'a.csv', etag: 'e', bytes: 4, sha256: SHA256 },
      by: 'sluice.lock.yaml',
    },
    'digest-mismatch',
    /s3:\/\/data\/a\.csv was overwritten: it has more than its 4 bytes, but sluice\.lock\.yaml pins sha256:abab/,
  ],
  [
    'pinned in a version',
    {
      kind: 'pinned',
      bucket: 'data',
      pin: { key: 'a.csv', versionId: 'v', etag: 'e', bytes: 4, sha256: SHA256 },
      by: 'sluice.lock.yaml',
    },
    'digest-mismatch',
    /a\.csv version v has more than its 4 bytes/,
  ],
  [
    'listed',
    { kind: 'current', bucket: 'data', object: { key: 'a.csv', bytes: 4, etag: 'e' } },
    'service-unavailable',
    /s3:\/\/data\/a\.csv has more than the 4 bytes that the bucket listed.*run the job again/,
  ],
])(
  'of an object that is %s nothing is read past the size that is known',
  async (_how, wanted, reason, says) => {
    const { env } = await startAnswering((response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': String(2 ** 40) });
      sendWithoutEnd(response);
    });
    const root = await temporaryFolder('larger-object');
    const cache = new ByteCache(root, path.join(root, 'cache'));
    await expect(
      fetchObjects([wanted], { s3: openS3({ env }), cache, log: silentLog }),
    ).rejects.toMatchObject({
      reasonCode: reason,
      message: expect.stringMatching(says),
    });
    expect(await readdir(path.join(root, 'cache'))).toEqual([]);
  },
);
