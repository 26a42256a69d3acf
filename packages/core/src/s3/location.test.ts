import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatS3Uri, parseS3Uri } from './location.ts';

test.each([
  ['s3://models', 'models', ''],
  ['s3://models/', 'models', ''],
  ['s3://my.models-1/team a/ünï/-x', 'my.models-1', 'team a/ünï/-x'],
  ['s3://models/a?b#c%20', 'models', 'a?b#c%20'],
])('%s is a place', (uri, bucket, key) => {
  expect(parseS3Uri(uri, 'registry.store')).toEqual({ bucket, key });
});

test.each([
  ['https://models', 'no S3 URI'],
  ['s3:models', 'no S3 URI'],
  ['s3://', "'' is no name of a bucket"],
  ['s3://ab', "'ab' is no name"],
  ['s3://Models/x', "'Models' is no name"],
  ['s3://a..b/x', 'no name of a bucket'],
  ['s3://-models/x', 'no name of a bucket'],
  ['s3://192.168.0.1/x', 'no name of a bucket'],
  ['s3://arn:aws:s3:::models/x', 'ARN is not supported'],
  ['s3://models//x', 'two slashes'],
  ['s3://models/a\nb', 'control character'],
  [`s3://models/${'ä'.repeat(513)}`, '1026 bytes'],
])('%j is refused', (uri, said) => {
  expect(() => parseS3Uri(uri, 'registry.store')).toThrow(
    expect.objectContaining({ reasonCode: 'bad-config', message: expect.stringContaining(said) }),
  );
});

test('what is written is read back', () => {
  const segment = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((s) => !/[\p{Cc}/]/u.test(s));
  const key = fc.array(segment, { maxLength: 5 }).map((segments) => segments.join('/'));
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9-]{2,20}[a-z]$/), key, (bucket, k) => {
      expect(parseS3Uri(formatS3Uri({ bucket, key: k }), 'x')).toEqual({ bucket, key: k });
    }),
  );
});
