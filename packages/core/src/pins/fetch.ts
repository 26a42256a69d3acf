import { UserError } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import { downloadObject, type Downloaded } from '../s3/download.ts';
import type { S3 } from '../s3/connection.ts';
import { S3Failure } from '../s3/failure.ts';
import { formatS3Uri } from '../s3/location.ts';
import { LongObjectError } from '../s3/receive.ts';
import { headObject, type S3Object } from '../s3/objects.ts';
import { inParallel } from '../transfer/parallel.ts';
import { trackProgress } from '../transfer/progress.ts';
import type { ByteCache } from './cache.ts';
import { LOCK_FILE, type Pin } from './lock.ts';
import { bareEtag, sameContent } from './resolve.ts';

/** An object whose bytes are wanted: exactly those of a pin, or those that are there now. */
export type Wanted = { readonly bucket: string } & (
  | { readonly kind: 'pinned'; readonly pin: Pin; /** Who pinned it, for messages. */ readonly by: string }
  | { readonly kind: 'current'; readonly object: S3Object; /** What it was before. */ readonly known?: Pin }
);

interface Equipment {
  readonly s3: S3;
  readonly cache: ByteCache;
  readonly log: Log;
}

/** Requests at once: waiting for answers overlaps, and a small server of one's own still keeps up. */
const AT_ONCE = 16;

/**
 * Brings the bytes of all objects into the cache, in parallel, and returns what they are, in order. What is in the cache
 * is not asked for again. Throws `digest-mismatch` (a failure, not an error) naming each pinned object that cannot be
 * read as it was, and what the connection throws.
 */
export async function fetchObjects(wanted: readonly Wanted[], equipment: Equipment): Promise<Pin[]> {
  const { log, cache } = equipment;
  const present = await cache.present(wanted.flatMap((one) => pinOf(one) ?? []));
  const states = await inParallel(wanted, AT_ONCE, async (one) => ({
    one,
    here: await pinHere(one, present, equipment.s3),
  }));
  const missing = states.filter(({ here }) => here === undefined);
  const bytes = missing.reduce((sum, { one }) => sum + sizeOf(one), 0);
  const progress = trackProgress({ log, what: `Reading ${missing.length} object(s) from S3`, bytes });
  const results = await inParallel(states, AT_ONCE, async ({ one, here }) =>
    here === undefined ? download(one, equipment, (count) => progress.add(count)) : { pin: here },
  );
  const mismatches = results.flatMap((result) => ('mismatch' in result ? [result.mismatch] : []));
  if (mismatches.length > 0) throw differing(mismatches);
  if (missing.length > 0) progress.done();
  return results.flatMap((result) => ('pin' in result ? [result.pin] : []));
}

function pinOf(one: Wanted): Pin | undefined {
  return one.kind === 'pinned' ? one.pin : one.known;
}

/** What the wanted object is, when its bytes are in the cache; undefined when they have to be read. */
async function pinHere(one: Wanted, present: ReadonlySet<string>, s3: S3): Promise<Pin | undefined> {
  const pin = pinOf(one);
  if (pin === undefined || !present.has(pin.sha256)) return undefined;
  if (one.kind === 'pinned') return pin;
  if (!sameContent(pin, one.object)) return undefined;
  const head = await headObject(s3, { bucket: one.bucket, key: pin.key });
  const same = head !== undefined && head.versionId === pin.versionId && sameContent(pin, head);
  return same ? pin : undefined;
}

function sizeOf(one: Wanted): number {
  return one.kind === 'pinned' ? one.pin.bytes : one.object.bytes;
}

/** Reads one object into the cache, or says why it is not the pinned one. */
async function download(
  wanted: Wanted,
  { s3, cache }: Equipment,
  onBytes: (bytes: number) => void,
): Promise<{ readonly pin: Pin } | { readonly mismatch: string }> {
  const { bucket } = wanted;
  const key = wanted.kind === 'pinned' ? wanted.pin.key : wanted.object.key;
  const versionId = wanted.kind === 'pinned' ? wanted.pin.versionId : undefined;
  const file = await cache.newFile();
  try {
    const got = await downloadObject(s3, { bucket, key, versionId, onBytes, most: sizeOf(wanted) }, file);
    if (wanted.kind === 'pinned' && got.sha256 !== wanted.pin.sha256) {
      await cache.discard(file);
      return { mismatch: changedSentence(wanted, `sha256:${got.sha256}`) };
    }
    await cache.add(file, got.sha256);
    return { pin: wanted.kind === 'pinned' ? wanted.pin : { key, ...identityOf(got) } };
  } catch (error) {
    if (wanted.kind === 'pinned' && isGone(error, versionId)) return { mismatch: goneSentence(wanted) };
    if (!(error instanceof LongObjectError)) throw error;
    if (wanted.kind === 'current') throw grown(wanted, error);
    return { mismatch: changedSentence(wanted, `more than its ${wanted.pin.bytes} bytes`) };
  }
}

function identityOf({ versionId, etag, bytes, sha256 }: Downloaded): Omit<Pin, 'key'> {
  return { ...(versionId === undefined ? {} : { versionId }), etag: bareEtag(etag), bytes, sha256 };
}

/** A version id that the server cannot have made is as gone as one that it has deleted. */
function isGone(error: unknown, versionId: string | undefined): boolean {
  if (!(error instanceof S3Failure)) return false;
  return error.reasonCode === 'missing-file' || (versionId !== undefined && error.code === 'InvalidArgument');
}

function goneSentence({ bucket, pin, by }: Wanted & { kind: 'pinned' }): string {
  const what = pin.versionId === undefined ? 'is' : `version ${pin.versionId} is`;
  return `${formatS3Uri({ bucket, key: pin.key })} ${what} not in the bucket any more, but ${by} pins it (sha256:${pin.sha256}).`;
}

function changedSentence({ bucket, pin, by }: Wanted & { kind: 'pinned' }, now: string): string {
  const what = pin.versionId === undefined ? 'was overwritten: it' : `version ${pin.versionId}`;
  return `${formatS3Uri({ bucket, key: pin.key })} ${what} has ${now}, but ${by} pins sha256:${pin.sha256}.`;
}

/** Nothing is read past the size that the listing named, so that whoever answers cannot fill the disk. */
function grown({ bucket, object }: Wanted & { kind: 'current' }, cause: LongObjectError): UserError {
  return new UserError(
    'service-unavailable',
    `${formatS3Uri({ bucket, key: object.key })} has more than the ${object.bytes} bytes that the bucket listed a moment ago. Somebody writes there at the same time: run the job again when they are done.`,
    { cause },
  );
}

const SHOWN = 5;

function differing(mismatches: readonly string[]): UserError {
  const more = mismatches.length - SHOWN;
  return new UserError(
    'digest-mismatch',
    `${mismatches.slice(0, SHOWN).join(' ')}${more > 0 ? ` And ${more} more.` : ''} Restore these bytes from a backup; or, if the data was meant to change, pin what is there now: run validate-data with 'write-lock: true' and have the change of ${LOCK_FILE} reviewed.`,
    { decision: 'fail' },
  );
}
