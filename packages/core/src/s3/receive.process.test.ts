import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { drip, sendWithoutEnd, startAnswering } from '@sluice/testing/s3/answering.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { openS3, type S3Options } from './connection.ts';
import { downloadObject, type Downloaded, type DownloadRequest } from './download.ts';

const OBJECT = { bucket: 'models', key: 'model.bin' };

/** Reads an object from a server, and looks that a refusal leaves no file. */
async function download(options: S3Options, of: Partial<DownloadRequest> = {}): Promise<Downloaded> {
  const folder = await temporaryFolder('hostile-object');
  try {
    return await downloadObject(openS3(options), { ...OBJECT, ...of }, path.join(folder, 'model.bin'));
  } catch (error) {
    expect(await readdir(folder)).toEqual([]);
    throw error;
  }
}

test.each<[string, Partial<DownloadRequest>]>([
  ['bound to an ETag', { etag: 'e', bytes: 4 }],
  ['of known size alone', { bytes: 4 }],
  ['of a size that a record limits', { most: 4 }],
])('an object %s that is larger than it may be is not read, and leaves no file', async (_how, of) => {
  const server = await startAnswering((response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': String(2 ** 40) });
    sendWithoutEnd(response);
  });
  await expect(download({ env: server.env }, of)).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining('more than the 4 bytes that s3://models/model.bin may have'),
  });
  expect(server.asked).toHaveLength(1);
});

test('an object without end or stated length is not read', async () => {
  const server = await startAnswering((response) => {
    response.writeHead(200, { etag: '"e"' });
    sendWithoutEnd(response);
  });
  await expect(download({ env: server.env })).rejects.toThrow('more than the 0 bytes that');
});

test('an object that drips is given up when its time is over, and not asked for again', async () => {
  const server = await startAnswering((response) => {
    response.writeHead(200, { etag: '"e"', 'content-length': '1000' });
    drip(response);
  });
  await expect(download({ env: server.env, limits: { objectMs: 0 } })).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining('did not send the 1000 bytes of s3://models/model.bin in 0.004 s'),
  });
  expect(server.asked).toHaveLength(1);
});

test('a server that states more bytes than it has is asked a few times for the rest, and then given up', async () => {
  const ranges: (string | undefined)[] = [];
  let end = (): unknown => undefined;
  const server = await startAnswering((response, _asked, request) => {
    ranges.push(request.headers.range);
    response.writeHead(ranges.length === 1 ? 200 : 206, { etag: '"e"', 'content-length': '1000' });
    end = () => response.socket?.end();
    if (ranges.length === 1) response.write('1234');
    else response.flushHeaders();
    if (ranges.length > 1) end();
  });
  await expect(
    download({ env: server.env, limits: { breakMs: 0 } }, { onBytes: () => end() }),
  ).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringMatching(
      /did not answer GetObject of s3:\/\/models\/model\.bin \((?:ECONNRESET|ERR_STREAM_PREMATURE_CLOSE)/,
    ),
  });
  expect(ranges).toHaveLength(6);
  expect(new Set(ranges.slice(1))).toEqual(new Set(['bytes=4-']));
});

test('of a server that sends more bytes than it states only those are read', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: 4\r\n\r\nmodel and more'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { env } = await startAnswering(() => undefined);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await download({ env: { ...env, AWS_ENDPOINT_URL: url } })).toMatchObject({ bytes: 4 });
  server.close();
});
