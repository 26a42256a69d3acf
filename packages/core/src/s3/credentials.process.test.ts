import { afterEach, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { sendWithoutEnd, startAnswering, type AnsweringServer } from '@sluice/testing/s3/answering.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { openS3 } from './connection.ts';
import { headObject } from './objects.ts';

const HERE = { bucket: 'models', key: 'a' };

/** The SDK reads these of the process alone. */
const set: string[] = [];
function inProcess(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    process.env[name] = value;
    set.push(name);
  }
}
afterEach(() => {
  for (const name of set.splice(0)) delete process.env[name];
});

const endless = (): Promise<AnsweringServer> =>
  startAnswering((response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    sendWithoutEnd(response);
  });

const urlOf = ({ env }: AnsweringServer): string => env['AWS_ENDPOINT_URL'] ?? '';

async function ask(server: AnsweringServer, variables: Readonly<Record<string, string>>): Promise<unknown> {
  inProcess({ AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'us-east-1', ...variables });
  const s3 = openS3({ env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_REGION: 'us-east-1' } });
  const url = urlOf(server);
  await expect(headObject(s3, HERE)).rejects.toMatchObject({
    reasonCode: 'service-unavailable',
    message: expect.stringContaining(`${new URL(url).hostname} answered with more than 1048576 bytes`),
  });
  return server.asked.length;
}

test('credentials of a container that never end are given up', async () => {
  const server = await endless();
  expect(await ask(server, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${urlOf(server)}/role` })).toBeGreaterThan(
    0,
  );
});

test('credentials of an instance that never end are given up', async () => {
  const server = await endless();
  const variables = { AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: urlOf(server) };
  expect(await ask(server, variables)).toBeGreaterThan(0);
});

test('credentials of STS that never end are given up', async () => {
  const server = await endless();
  const token = path.join(await temporaryFolder('web-identity'), 'token');
  await writeFile(token, 'token');
  const variables = {
    AWS_WEB_IDENTITY_TOKEN_FILE: token,
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/gate',
    AWS_ENDPOINT_URL_STS: urlOf(server),
  };
  expect(await ask(server, variables)).toBeGreaterThan(0);
});

test('credentials of a container are taken', async () => {
  const server = await startAnswering((response, asked) => {
    if (!asked.endsWith('/role'))
      return void response.writeHead(200, { etag: '"e"', 'content-length': '4' }).end();
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    response.end(
      JSON.stringify({ AccessKeyId: 'AKIA', SecretAccessKey: 's'.repeat(1000), Token: 't', Expiration }),
    );
  });
  const url = urlOf(server);
  inProcess({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/role` });
  const s3 = openS3({ env: { AWS_ENDPOINT_URL: url, AWS_REGION: 'us-east-1' } });
  expect(await headObject(s3, HERE)).toMatchObject({ bytes: 4 });
});
