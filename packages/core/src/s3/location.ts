import { UserError } from '../action/errors.ts';

/** A place in S3: a bucket, and a key or the beginning of keys, without a slash at its start. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** Longest key in bytes of UTF-8 (docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html). */
export const LONGEST_KEY = 1024;

/**
 * Reads `s3://bucket/key`; nothing is decoded, because a key may hold any character. `place` names the setting in
 * messages. Throws UserError `bad-config`.
 */
export function parseS3Uri(uri: string, place: string): S3Location {
  const match = /^s3:\/\/([^/]*)(?:\/(.*))?$/su.exec(uri);
  if (match === null) {
    throw new UserError('bad-config', `${place} is '${uri}', which is no S3 URI. Write s3://bucket/prefix.`);
  }
  const [, bucket = '', key = ''] = match;
  const problem = bucketProblem(bucket) ?? keyProblem(key);
  if (problem !== undefined) throw new UserError('bad-config', `${place} is '${uri}': ${problem}`);
  return { bucket, key };
}

/** The opposite of `parseS3Uri`. */
export function formatS3Uri({ bucket, key }: S3Location): `s3://${string}` {
  return key === '' ? `s3://${bucket}` : `s3://${bucket}/${key}`;
}

/** Rules of docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. */
function bucketProblem(bucket: string): string | undefined {
  const allowed =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) &&
    !bucket.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(bucket);
  if (allowed) return undefined;
  return `'${bucket}' is no name of a bucket. It has 3 to 63 lower-case letters, digits, - and ., begins and ends with a letter or digit, and is no IP address; an ARN is not supported.`;
}

function keyProblem(key: string): string | undefined {
  if (key.startsWith('/')) return 'there are two slashes behind the bucket. Write s3://bucket/prefix.';
  // Control characters cannot be told apart in a log.
  if (/\p{Cc}/u.test(key)) return 'it holds a control character. Remove it.';
  const bytes = Buffer.byteLength(key);
  if (bytes > LONGEST_KEY) return `the key has ${bytes} bytes, and S3 allows ${LONGEST_KEY}. Shorten it.`;
  return undefined;
}
