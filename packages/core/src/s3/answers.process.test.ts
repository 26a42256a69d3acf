import { expect, test } from '@jest/globals';
import { drip, sendWithoutEnd, startAnswering } from '@sluice/testing/s3/answering.ts';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { openS3 } from './connection.ts';
import { headObject, listObjects, listVersions, readObject } from './objects.ts';

const HERE = { bucket: 'models', key: 'team/' };
const answerBytes = 4096;

test.each([200, 403, 500])(
  'a listing that never ends, with HTTP %i, is given up at the limit, and not asked for again',
  async (status) => {
    let left: () => void = () => undefined;
    const given = new Promise<void>((resolve) => {
      left = resolve;
    });
    const server = await startAnswering((response) => {
      response.on('close', () => left());
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.write('<?xml version="1.0"?><ListBucketResult>');
      sendWithoutEnd(response);
    });
    const s3 = openS3({ env: server.env, limits: { answerBytes } });
    await expect(listObjects(s3, HERE)).rejects.toMatchObject({
      reasonCode: 'service-unavailable',
      message: expect.stringMatching(
        /answered ListObjectsV2 of s3:\/\/models\/team\/ with more than 4096 bytes.*AWS_ENDPOINT_URL/,
      ),
    });
    expect(server.asked).toHaveLength(1);
    await given;
  },
);

test('an answer of just the limit is taken', async () => {
  const xml = '<ListBucketResult><Contents><Key>team/a</Key><Size>1</Size></Contents></ListBucketResult>';
  const server = await startAnswering((response) => response.end(xml));
  const list = (most: number): Promise<unknown> =>
    listObjects(openS3({ env: server.env, limits: { answerBytes: most } }), HERE);
  expect(await list(xml.length)).toEqual([{ key: 'team/a', bytes: 1, etag: '' }]);
  await expect(list(xml.length - 1)).rejects.toThrow(`more than ${xml.length - 1} bytes`);
});

test('the bytes of an object have no such limit, but its refusal has', async () => {
  const server = await startAnswering((response, asked) => {
    response.writeHead(asked.includes('absent') ? 404 : 200, { etag: '"e"' });
    response.end(Buffer.alloc(2 * answerBytes));
  });
  const s3 = openS3({ env: server.env, limits: { answerBytes } });
  const there = await readObject(s3, { bucket: 'models', key: 'there' }, 0);
  expect(Buffer.concat(await there.body.toArray())).toHaveLength(2 * answerBytes);
  await expect(readObject(s3, { bucket: 'models', key: 'absent' }, 0)).rejects.toThrow(
    'GetObject of s3://models/absent with more than 4096 bytes',
  );
});

test.each([200, 403])('a server that drips its answer, with HTTP %i, is given up in time', async (status) => {
  const server = await startAnswering((response) => {
    response.writeHead(status);
    drip(response);
  });
  const s3 = openS3({ env: server.env, limits: { callMs: 50 } });
  await expect(listObjects(s3, HERE)).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining('no whole answer in 0.05 s, with all tries'),
  });
});

test('a server that says nothing at all is given up in time', async () => {
  const server = await startAnswering(() => undefined);
  const s3 = openS3({ env: server.env, limits: { callMs: 50 } });
  await expect(headObject(s3, HERE)).rejects.toThrow('no whole answer in 0.05 s, with all tries');
});

test.each([
  [
    'objects',
    listObjects,
    '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>',
  ],
  [
    'versions',
    listVersions,
    '<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker></ListVersionsResult>',
  ],
])('a listing of %s by a server that always has a further page ends', async (_what, list, page) => {
  const server = await startAnswering((response) => response.end(page));
  const s3 = openS3({ env: server.env, limits: { pages: 3 } });
  await expect(list(s3, HERE)).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining('lists s3://models/team/ on more than 3 pages'),
  });
  expect(server.asked).toHaveLength(3);
});

test('a server that says nothing when it is asked for credentials keeps nobody either', async () => {
  const job = new AbortController();
  const server = await startAnswering(() => job.abort(new Error('the job was cancelled')));
  const token = path.join(await temporaryFolder('identity'), 'token');
  await writeFile(token, 'token');
  const identity = {
    AWS_ENDPOINT_URL_STS: server.env['AWS_ENDPOINT_URL'],
    AWS_REGION: 'us-east-1',
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/models',
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
  };
  const before = process.env;
  process.env = { ...before, ...identity };
  try {
    const s3 = openS3({ env: { AWS_ENDPOINT_URL: server.env['AWS_ENDPOINT_URL'] }, signal: job.signal });
    await expect(listObjects(s3, HERE)).rejects.toThrow('the job was cancelled');
    expect(server.asked).toEqual(['POST /']);
  } finally {
    process.env = before;
  }
});
