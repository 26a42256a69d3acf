import { UserError } from '../../action/errors.ts';
import type { Wanted } from '../fetch.ts';
import { LOCK_FILE, type Pin, type Pins } from '../lock.ts';
import { parsePattern, selectObjects, type S3Pattern } from '../pattern.ts';
import { movesSince, sourceOf, type Known, type Source } from '../resolve.ts';
import type { MoveCounts } from '../run-record.ts';
import type { S3 } from '../../s3/connection.ts';
import { formatS3Uri } from '../../s3/location.ts';
import { listObjects, type S3Object } from '../../s3/objects.ts';
import { countMoves } from './notes.ts';

/** A pattern with what it stands for. */
export interface Resolved {
  readonly pattern: S3Pattern;
  readonly source: Source['kind'];
  readonly wanted: readonly Wanted[];
}

/** What was known of objects before this step, by pattern as it is written. */
export interface Memory extends Known {
  /** Of any run: saves reading bytes again, and decides nothing. */
  readonly earlier: readonly Pins[];
}

const EARLIER_STEP = 'an earlier step of this run';

/** Decides which objects a pattern stands for. Asks S3 where nothing pins it. Throws UserError. */
export async function resolve(s3: S3, pattern: S3Pattern, what: string, memory: Memory): Promise<Resolved> {
  const { bucket } = pattern;
  const source = sourceOf(pattern, memory);
  if (source.kind !== 'bucket') {
    const by = source.kind === 'lock' ? LOCK_FILE : EARLIER_STEP;
    return {
      pattern,
      source: source.kind,
      wanted: source.pins.map((pin) => ({ kind: 'pinned', bucket, pin, by })),
    };
  }
  const listed = await objectsOf(s3, pattern);
  if (listed.length === 0) throw noObjects(pattern, what);
  const [decided, known] = [pinsOfBucket(bucket, [memory.run]), pinsOfBucket(bucket, memory.earlier)];
  return {
    pattern,
    source: 'bucket',
    wanted: listed.map((object): Wanted => {
      // Another pattern of this run has the same object.
      const pin = decided.get(object.key);
      if (pin !== undefined) return { kind: 'pinned', bucket, pin, by: EARLIER_STEP };
      const before = known.get(object.key);
      return { kind: 'current', bucket, object, ...(before === undefined ? {} : { known: before }) };
    }),
  };
}

/** How far the bucket has moved on from what a pattern's pins say. Throws what the connection throws. */
export async function lookForMoves(s3: S3, pattern: S3Pattern, pins: readonly Pin[]): Promise<MoveCounts> {
  return countMoves(movesSince(pins, await objectsOf(s3, pattern)));
}

async function objectsOf(s3: S3, pattern: S3Pattern): Promise<S3Object[]> {
  const { bucket, prefix } = pattern;
  return selectObjects(pattern, await listObjects(s3, { bucket, key: prefix }));
}

function noObjects({ text, bucket, prefix }: S3Pattern, what: string): UserError {
  return new UserError(
    'missing-file',
    `${what} is '${text}', which matches no object that is in the bucket now. Look at what is there: aws s3 ls ${shellWord(formatS3Uri({ bucket, key: prefix }))}`,
  );
}

/** For people to copy. */
function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function pinsOfBucket(bucket: string, all: readonly Pins[]): Map<string, Pin> {
  const entries = all.flatMap((pins) => [...pins]);
  return new Map(
    entries.flatMap(([text, list]) =>
      parsePattern(text, 'a pinned pattern').bucket === bucket
        ? list.map((pin) => [pin.key, pin] as const)
        : [],
    ),
  );
}
