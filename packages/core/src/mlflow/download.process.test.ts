import { afterEach, expect, test } from '@jest/globals';
import { stat } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { openMlflow } from './api.ts';
import { readConnection } from './connection.ts';
import { downloadFile } from './download.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Downloads a file from a server that sends bytes for as long as somebody reads. */
async function endless(size: Parameters<typeof downloadFile>[2]['size']) {
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    pour(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = openMlflow(readConnection(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {}));
  const to = path.join(await temporaryFolder('endless'), 'model.bin');
  const downloaded = downloadFile(api, { kind: 'served', folder: 'm' }, { name: 'model.bin', to, size });
  return { to, downloaded };
}

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  if (!response.destroyed) response.once('drain', () => pour(response));
}

test('a file without end takes no more of the disk than its description says', async () => {
  const { to, downloaded } = await endless({ bytes: 1_000_000 });
  // Its digest tells that it was changed.
  expect(await downloaded).toEqual({ file: to });
  expect((await stat(to)).size).toBeLessThanOrEqual(1_000_000);
});

test('a file without end and without a description is refused', async () => {
  const { to, downloaded } = await endless({ most: 1_000_000 });
  await expect(downloaded).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining('more than the 1000000 bytes'),
  });
  expect((await stat(to)).size).toBeLessThanOrEqual(1_000_000);
});
