import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { openMlflow } from './api.ts';
import { readConnection } from './connection.ts';
import { filesOfLoggedModel } from './listing.ts';

/** The files by a server that answers a folder with what `answers` has for it. */
async function filesBy(answers: (folder: string) => object): Promise<Map<string, number>> {
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers(query.get('artifact_directory_path') ?? '')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const api = openMlflow(readConnection(undefined, { MLFLOW_TRACKING_URI: url }));
    return await filesOfLoggedModel(api, 'm-1');
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('files of all folders have their sizes', async () => {
  const files = await filesBy((folder) =>
    folder === ''
      ? {
          files: [
            { path: 'MLmodel', is_dir: false, file_size: 3 },
            { path: 'data', is_dir: true },
          ],
        }
      : { files: [{ path: `${folder}/w`, file_size: '9007199254740991' }] },
  );
  expect([...files]).toEqual([
    ['MLmodel', 3],
    ['data/w', 9007199254740991],
  ]);
});

test.each([
  ['a folder in itself', { files: [{ path: 'a', is_dir: true }] }, "names the folder 'a' again"],
  ['a page that follows itself', { files: [], next_page_token: 'x' }, "has no last page of the folder ''"],
])('%s is refused and not followed for ever', async (_what, answer, words) => {
  await expect(filesBy(() => answer)).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining(words),
  });
});
