import { expect, test } from '@jest/globals';
import * as path from 'node:path';
import { openS3 } from './connection.ts';

const where = (env: Record<string, string>): string => openS3({ env }).where;

test.each([
  [{}, 'AWS (region us-east-1)'],
  [{ AWS_DEFAULT_REGION: 'eu-west-1' }, 'AWS (region eu-west-1)'],
  [{ AWS_DEFAULT_REGION: 'eu-west-1', AWS_REGION: 'eu-north-1' }, 'AWS (region eu-north-1)'],
  [{ AWS_ENDPOINT_URL: 'http://localhost:9000/' }, 'http://localhost:9000'],
  [
    { AWS_ENDPOINT_URL: 'http://localhost:9000', AWS_ENDPOINT_URL_S3: 'https://s3.example.com/path' },
    'https://s3.example.com/path',
  ],
  [{ AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_S3: '' }, 'AWS (region us-east-1)'],
])('with %j S3 is %s', (env, expected) => {
  expect(where(env)).toBe(expected);
});

test.each<[Record<string, string>, string, RegExp]>([
  [{ AWS_ENDPOINT_URL: 'localhost:9000' }, 'bad-config', /^AWS_ENDPOINT_URL is no address/],
  [{ AWS_ENDPOINT_URL_S3: 'ftp://example.com' }, 'bad-config', /^AWS_ENDPOINT_URL_S3 is no address/],
  [
    { AWS_ENDPOINT_URL: 'https://key:hidden@example.com' },
    'bad-config',
    /^(?!.*hidden).*without a user name/,
  ],
  [{ AWS_ENDPOINT_URL: 'https://example.com/?x=hidden' }, 'bad-config', /^(?!.*hidden).*no address/],
  [{ AWS_S3_ADDRESSING_STYLE: 'paths' }, 'bad-config', /'paths'\. Allowed: path .*virtual .*auto/],
  [
    { AWS_CA_BUNDLE: '/nonexistent/ca.pem' },
    'missing-file',
    /AWS_CA_BUNDLE is '\/nonexistent\/ca\.pem'.*ENOENT/,
  ],
])('%j is refused before anything is sent', (env, reason, says) => {
  expect(() => openS3({ env })).toThrow(
    expect.objectContaining({ reasonCode: reason, message: expect.stringMatching(says) }),
  );
});

test('a step that was cancelled sends nothing and says why', async () => {
  const signal = AbortSignal.abort(new Error('the job was cancelled'));
  const s3 = openS3({ env: { AWS_CA_BUNDLE: path.resolve('package.json') }, signal });
  const sent = s3.call({ action: 'HeadBucket', bucket: 'models', key: '' }, () => Promise.resolve('sent'));
  await expect(sent).rejects.toThrow('the job was cancelled');
});
