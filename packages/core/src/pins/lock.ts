import { stringify } from 'yaml';
import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import { compareCodePoints } from '../digest/files.ts';
import { isS3Pattern, parsePattern, selectObjects } from './pattern.ts';

/** One object as it was when it was pinned. */
export interface Pin {
  readonly key: string;
  /** Absent in a bucket without versioning. */
  readonly versionId?: string;
  /** Without quotes. */
  readonly etag: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** What each pattern stands for, by the pattern as it is written. */
export type Pins = ReadonlyMap<string, readonly Pin[]>;

/** Name of the lock file, beside sluice.yaml. */
export const LOCK_FILE = 'sluice.lock.yaml';

const text = z.string().check(z.minLength(1));
const described = <T extends z.ZodMiniType>(type: T, description: string): T =>
  type.check(z.meta({ description }));

const pinSchema = z.strictObject({
  key: described(text, 'Key of the object in the bucket.'),
  'version-id': z.optional(
    described(text, 'VersionId that S3 gave it; absent in a bucket without versioning.'),
  ),
  etag: described(z.string(), 'ETag without quotes; empty where the server gives none.'),
  bytes: described(z.int().check(z.nonnegative()), 'Size.'),
  sha256: described(
    z.string().check(z.regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')),
    'Digest of its bytes, in hex.',
  ),
});

/** Patterns and their pins, as they are written to files. */
export const pinsSchema = z
  .record(text, z.array(pinSchema).check(z.minLength(1)))
  .check(({ value, issues }) => {
    for (const [pattern, pins] of Object.entries(value)) {
      const fault = faultOf(pattern, pins);
      if (fault !== undefined) {
        const path = [pattern, ...fault.path];
        issues.push({ code: 'custom', message: fault.message, path, input: fault.input });
      }
    }
  });
type WrittenPins = z.infer<typeof pinsSchema>;

/** The schema of sluice.lock.yaml. */
export const lockSchema = z.strictObject({
  version: described(z.literal(1), 'Version of this format.'),
  data: described(pinsSchema, 'By pattern as sluice.yaml has it: the objects it stands for.'),
});

interface Fault {
  readonly path: (string | number)[];
  readonly message: string;
  readonly input: unknown;
}

/** What somebody who edits the file by hand may get wrong: a reviewer would not see it. */
function faultOf(pattern: string, pins: WrittenPins[string]): Fault | undefined {
  if (!isS3Pattern(pattern))
    return { path: [], message: 'expected a pattern such as s3://bucket/prefix/*', input: pattern };
  const problem = patternProblem(pattern);
  if (problem !== undefined) return { path: [], message: problem, input: pattern };
  const matching = new Set(selectObjects(parsePattern(pattern, pattern), pins));
  const stray = pins.findIndex((pin) => !matching.has(pin));
  if (stray >= 0) {
    return {
      path: [stray, 'key'],
      message: 'expected a key that the pattern matches',
      input: pins[stray]?.key,
    };
  }
  const seen = new Set<string>();
  const twice = pins.findIndex(({ key }) => seen.size === seen.add(key).size);
  if (twice < 0) return undefined;
  return { path: [twice, 'key'], message: 'expected each key once', input: pins[twice]?.key };
}

function patternProblem(pattern: string): string | undefined {
  try {
    parsePattern(pattern, 'the pattern');
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** Pins from a file that the schema has accepted. */
export function readPins(written: WrittenPins): Pins {
  return new Map(
    Object.entries(written).map(([pattern, pins]) => [
      pattern,
      pins.map(({ 'version-id': versionId, ...rest }) => ({
        ...rest,
        ...(versionId === undefined ? {} : { versionId }),
      })),
    ]),
  );
}

/** Pins as they are written: patterns and keys in code-point order, so that the same pins are the same bytes. */
export function writePins(pins: Pins): WrittenPins {
  const sorted = [...pins].sort(([a], [b]) => compareCodePoints(a, b));
  return Object.fromEntries(
    sorted.map(([pattern, list]) => [
      pattern,
      [...list]
        .sort((a, b) => compareCodePoints(a.key, b.key))
        .map(({ key, versionId, etag, bytes, sha256 }) => ({
          key,
          ...(versionId === undefined ? {} : { 'version-id': versionId }),
          etag,
          bytes,
          sha256,
        })),
    ]),
  );
}

const HEADER = `# Which versions of the data in S3 are read. Written by validate-data with write-lock: true;
# commit it, and review a change of it as you review a change of the data.
`;

/** The text of sluice.lock.yaml. A file that changes moves its own lines alone. */
export function renderLock(pins: Pins): string {
  return (
    HEADER + stringify({ version: 1, data: writePins(pins) }, { lineWidth: 0, aliasDuplicateObjects: false })
  );
}
