import type { ActionContext } from '../../action/context.ts';
import { UserError } from '../../action/errors.ts';
import type { DataFile } from '../../data/files.ts';
import { ByteCache } from '../cache.ts';
import { fetchObjects, type Wanted } from '../fetch.ts';
import { LOCK_FILE, type Pins } from '../lock.ts';
import { isS3Pattern, parsePattern, type S3Pattern } from '../pattern.ts';
import { placesProblem } from '../place.ts';
import { pinnedTwice } from '../resolve.ts';
import { readRunRecord, runOf, writeRunRecord, type MoveCounts } from '../run-record.ts';
import { openS3, type S3 } from '../../s3/connection.ts';
import { S3Failure } from '../../s3/failure.ts';
import { formatS3Uri } from '../../s3/location.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { dataFolders } from './folders.ts';
import { readLock, writeLock } from './lock-file.ts';
import { pinnedNote, unpinnedNote, unversionedNote, unversionedWarning, writtenNote } from './notes.ts';
import { lookForMoves, resolve, type Memory, type Resolved } from './objects.ts';
import { objectsOf, placeFiles } from './place-files.ts';

/** Data from S3 that lies in the workspace now. */
export interface S3Data {
  /** By pattern as it is written. */
  readonly files: ReadonlyMap<string, readonly DataFile[]>;
  /** What the summary says about them: plain text, one sentence or more each. */
  readonly notes: readonly string[];
  /** Absolute folder with `<bucket>/<key>` below it; absent when no pattern is about S3. */
  readonly folder?: string;
}

interface Request {
  /** Settings with patterns of all kinds; those that are not about S3 are left alone. */
  readonly requests: readonly { readonly patterns: readonly string[]; readonly what: string }[];
  /** Absolute folder of sluice.yaml, beside which the lock file lies. */
  readonly base: string;
  /** Whether the lock file is to be written from what is in the buckets now. */
  readonly writeLock: boolean;
}

const NOTHING: S3Data = { files: new Map(), notes: [] };

/**
 * Brings exactly the pinned versions of the data in S3 into the workspace: pinned by sluice.lock.yaml, else by the first
 * step of this run that looked. Throws `digest-mismatch` (a failure) for bytes that are not the pinned ones, and UserError
 * for what cannot be read. Then nothing is half written.
 */
export async function readS3Data(context: ActionContext, request: Request): Promise<S3Data> {
  const asked = new Map(
    request.requests.flatMap(({ patterns, what }) =>
      patterns.filter(isS3Pattern).map((text) => [text, what] as const),
    ),
  );
  if (asked.size === 0) {
    if (!request.writeLock) return NOTHING;
    throw new UserError(
      'bad-input',
      "Input 'write-lock' is true, but no data is in S3, so there is nothing to pin. Remove it, or name data such as s3://bucket/prefix/*.parquet.",
    );
  }
  const patterns = [...asked].map(([text, what]) => ({ pattern: parsePattern(text, what), what }));
  const s3 = openS3({ env: context.env, signal: context.signal });
  return context.log.group(`Data in S3 (${s3.where})`, () => readAll(context, request, patterns, s3));
}

type Asked = readonly { readonly pattern: S3Pattern; readonly what: string }[];

async function readAll(context: ActionContext, request: Request, asked: Asked, s3: S3): Promise<S3Data> {
  const folders = await dataFolders(context);
  const [record, lock] = await Promise.all([readRunRecord(folders), readLock(context, request.base)]);
  const run = runOf(context.env);
  const isOfThisRun = run !== undefined && record?.run === run && !request.writeLock;
  const memory: Memory = {
    lock: request.writeLock ? undefined : lock,
    run: isOfThisRun ? record.pins : new Map(),
    earlier: [record?.pins ?? new Map(), lock ?? new Map()],
  };
  const resolved = await inParallel(asked, LISTINGS, ({ pattern, what }) =>
    resolve(s3, pattern, what, memory),
  );
  refuseUnfit(resolved, memory.run);
  const cache = new ByteCache(folders.root, folders.cache);
  const pins = await fetchPins(resolved, { s3, cache, log: context.log });
  const ofRun: Pins = new Map([...memory.run, ...pins]);
  const files = await placeFiles({ folders, cache, pins, ofRun, lock });
  const moves = await movesOf(s3, resolved, isOfThisRun ? record.moves : new Map());
  await writeRunRecord(folders, { run, pins: ofRun, moves });
  const fresh = resolved.filter(({ pattern }) => !memory.run.has(pattern.text));
  for (const bucket of unversioned(fresh, pins)) context.log.warning(unversionedWarning(bucket));
  const written = request.writeLock ? [await renewLock(context, request.base, lock, pins)] : [];
  const lost = [...unversioned(resolved, pins)].map(unversionedNote);
  const notes = [...notesOf(resolved, pins, moves, request.writeLock), ...written, ...lost];
  for (const note of notes) context.log.info(note);
  return { files, notes, folder: folders.data };
}

/** Listings at once: each may be of many pages. */
const LISTINGS = 4;

/** What cannot lie side by side is refused before anything is read. */
function refuseUnfit(resolved: readonly Resolved[], run: Pins): void {
  const now = resolved.flatMap(({ wanted }) =>
    wanted.map((one) => ({ bucket: one.bucket, key: keyOf(one) })),
  );
  const problem = placesProblem([...now, ...objectsOf(run)]);
  if (problem !== undefined) throw new UserError('bad-input', problem);
  const twice = pinnedTwice(
    resolved.map(({ pattern: { bucket }, wanted }) => ({
      bucket,
      pins: wanted.flatMap((one) => (one.kind === 'pinned' ? [one.pin] : [])),
    })),
  );
  if (twice === undefined) return;
  throw new UserError(
    'bad-config',
    `${LOCK_FILE} pins two versions of ${twice}, by two patterns. Write it again: run validate-data with 'write-lock: true' on all data.`,
  );
}

function keyOf(one: Wanted): string {
  return one.kind === 'pinned' ? one.pin.key : one.object.key;
}

/** Reads every object once, whichever patterns name it, and says what each pattern stands for. */
async function fetchPins(
  resolved: readonly Resolved[],
  equipment: Parameters<typeof fetchObjects>[1],
): Promise<Pins> {
  const once = new Map(resolved.flatMap(({ wanted }) => wanted.map((one) => [uriOf(one), one] as const)));
  const fetched = await fetchObjects([...once.values()], equipment);
  const byUri = new Map([...once.keys()].map((uri, index) => [uri, fetched[index]]));
  return new Map(
    resolved.map(({ pattern, wanted }) => [
      pattern.text,
      wanted.flatMap((one) => byUri.get(uriOf(one)) ?? []),
    ]),
  );
}

function uriOf(one: Wanted): string {
  return formatS3Uri({ bucket: one.bucket, key: keyOf(one) });
}

/** What earlier steps found, and what can be found out now. No answer to it is no reason to stop. */
async function movesOf(
  s3: S3,
  resolved: readonly Resolved[],
  before: ReadonlyMap<string, MoveCounts>,
): Promise<Map<string, MoveCounts>> {
  const moves = new Map(before);
  for (const { pattern, source, wanted } of resolved) {
    if (source !== 'lock' || moves.has(pattern.text)) continue;
    const pins = wanted.flatMap((one) => (one.kind === 'pinned' ? [one.pin] : []));
    try {
      moves.set(pattern.text, await lookForMoves(s3, pattern, pins));
    } catch (error) {
      if (!(error instanceof S3Failure)) throw error;
    }
  }
  return moves;
}

function unversioned(resolved: readonly Resolved[], pins: Pins): Set<string> {
  return new Set(
    resolved
      .filter(({ pattern }) => pins.get(pattern.text)?.some(({ versionId }) => versionId === undefined))
      .map(({ pattern }) => pattern.bucket),
  );
}

/** Entries of other patterns stay: other workflows may read them. */
async function renewLock(
  context: ActionContext,
  base: string,
  before: Pins | undefined,
  pins: Pins,
): Promise<string> {
  const next = new Map([...(before ?? []), ...pins]);
  await writeLock(context, base, next);
  return writtenNote(before, next);
}

function notesOf(
  resolved: readonly Resolved[],
  pins: Pins,
  moves: ReadonlyMap<string, MoveCounts>,
  writeLock: boolean,
): string[] {
  if (writeLock) return [];
  return resolved.map(({ pattern: { text }, source }) => {
    const files = pins.get(text)?.length ?? 0;
    return source === 'lock' ? pinnedNote(text, files, moves.get(text)) : unpinnedNote(text, files);
  });
}
