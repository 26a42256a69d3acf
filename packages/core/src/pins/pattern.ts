import picomatch from 'picomatch/posix';
import { UserError } from '../action/errors.ts';
import { compareCodePoints } from '../digest/files.ts';
import { parseS3Uri } from '../s3/location.ts';

/** Objects in S3, named by a key or a glob over keys. */
export interface S3Pattern {
  /** As it was written, which is also how the lock file names it. */
  readonly text: string;
  readonly bucket: string;
  readonly glob: string;
  /** What every matching key begins with. */
  readonly prefix: string;
}

/** The characters before the first that means something in a glob. */
const LITERAL = /^(?:[^*?[\]{}()|\\"!+@]|[!+@](?!\())*/;

/** Whether a path or pattern of the configuration is about S3. */
export function isS3Pattern(text: string): boolean {
  return /^s3:\/\//i.test(text);
}

/**
 * Reads `s3://bucket/key`, where the key may be a glob as for local files. `what` names the setting in messages. Throws
 * UserError `bad-config`.
 */
export function parsePattern(text: string, what: string): S3Pattern {
  const { bucket, key } = parseS3Uri(text, what);
  const fault = faultOf(key);
  if (fault !== undefined) throw new UserError('bad-config', `${what} is '${text}': ${fault}`);
  return { text, bucket, glob: key, prefix: LITERAL.exec(key)?.[0] ?? '' };
}

function faultOf(key: string): string | undefined {
  if (key === '' || key.endsWith('/')) {
    return 'it names no objects. Write a key or a glob, such as s3://bucket/prefix/*.parquet or s3://bucket/prefix/**.';
  }
  if (key.split('/').some((part) => ['', '.', '..'].includes(part))) {
    return "a part of the key is empty, '.' or '..', which is no name of a file. Remove it.";
  }
  return undefined;
}

/**
 * The objects that a pattern names, in code-point order of their keys. A key that is exactly the pattern is among them,
 * even when it looks like a glob. The empty objects that consoles make to show a folder are no data.
 */
export function selectObjects<T extends { readonly key: string; readonly bytes: number }>(
  pattern: S3Pattern,
  listed: readonly T[],
): T[] {
  const matches = picomatch(pattern.glob, { dot: true, nonegate: true });
  const matched = (key: string): boolean => key === pattern.glob || matches(matchable(key));
  return listed
    .filter(({ key, bytes }) => matched(key) && !(key.endsWith('/') && bytes === 0))
    .sort((a, b) => compareCodePoints(a.key, b.key));
}

/**
 * A key with a plain character for what no glob matches: a line break, and a part that is `.` or `..`. Such a key would be
 * passed over; it has to be refused by its name.
 */
function matchable(key: string): string {
  return key.replace(/[\n\r\u2028\u2029]/g, '_').replace(/(?<=^|\/)\.\.?(?=\/|$)/g, '_');
}
