import { expect, test } from '@jest/globals';
import { truncate, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { startAnswering } from '@sluice/testing/s3/answering.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { sha256File } from '../digest/files.ts';
import { openS3 } from './connection.ts';
import { PART_BYTES } from './parts.ts';
import { uploadFile } from './upload.ts';

test('a part that is refused for its signature, after others were taken, ends the upload with what to do', async () => {
  const server = await startAnswering((response, asked) => {
    if (asked.startsWith('HEAD /models/model.bin')) response.writeHead(404).end();
    else if (asked.startsWith('HEAD')) response.end();
    else if (asked.startsWith('POST'))
      response.end('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>');
    else if (asked.startsWith('GET'))
      response.end('<ListMultipartUploadsResult></ListMultipartUploadsResult>');
    else if (asked.includes('partNumber=2'))
      response
        .writeHead(403)
        .end('<Error><Code>SignatureDoesNotMatch</Code><Message>It differs.</Message></Error>');
    else response.writeHead(200, { etag: '"e"' }).end();
  });
  const file = path.join(await temporaryFolder('refused-part'), 'model.bin');
  const bytes = 2 * PART_BYTES + 1;
  await writeFile(file, '');
  await truncate(file, bytes);
  const source = { file, bytes, sha256: await sha256File(file) };
  const sent = uploadFile(openS3({ env: server.env }), { bucket: 'models', key: 'model.bin' }, source);
  await expect(sent).rejects.toMatchObject({
    reasonCode: 'no-permission',
    code: 'SignatureDoesNotMatch',
    message: expect.stringMatching(
      /answered UploadPart of s3:\/\/models\/model\.bin with SignatureDoesNotMatch \(HTTP 403\).*AWS_SECRET_ACCESS_KEY.*proxy/,
    ),
  });
  expect(server.asked.filter((asked) => asked.includes('partNumber=2'))).toHaveLength(1);
  expect(server.asked.filter((asked) => asked.includes('partNumber=1'))).toHaveLength(1);
  // Nothing was completed: an object of some of its parts is never there.
  expect(server.asked.filter((asked) => asked.startsWith('POST'))).toEqual([
    'POST /models/model.bin?uploads=',
  ]);
});
