import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { openS3 } from './connection.ts';
import { downloadObject } from './download.ts';

test('an object that is larger than its description is not read, and leaves no file', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': String(1 << 30) });
    response.write(Buffer.alloc(1 << 20));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await temporaryFolder('long-object');
  const s3 = openS3({
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  const object = { bucket: 'models', key: 'model.bin', etag: 'e', bytes: 4 };
  await expect(downloadObject(s3, object, path.join(folder, 'model.bin'))).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining('more than the 4 bytes that s3://models/model.bin may have'),
  });
  expect(await readdir(folder)).toEqual([]);
  server.closeAllConnections();
  server.close();
});
