import { UserError } from '../action/errors.ts';
import { formatS3Uri } from '../s3/location.ts';
import { LOCK_FILE, type Pin, type Pins } from './lock.ts';
import type { S3Pattern } from './pattern.ts';

/** What decides which objects a pattern stands for. */
export type Source =
  | { readonly kind: 'lock'; readonly pins: readonly Pin[] }
  /** An earlier step of this run has looked. */
  | { readonly kind: 'run'; readonly pins: readonly Pin[] }
  /** What is there now. */
  | { readonly kind: 'bucket' };

/** What is known before S3 is asked. */
export interface Known {
  /** Undefined without a lock file, and where it is about to be written. */
  readonly lock: Pins | undefined;
  /** What earlier steps of this run have resolved. */
  readonly run: Pins;
}

/** Decides it for one pattern. Throws `bad-config` for a pattern that the lock file does not know. */
export function sourceOf(pattern: S3Pattern, { lock, run }: Known): Source {
  if (lock === undefined) {
    const pins = run.get(pattern.text);
    return pins === undefined ? { kind: 'bucket' } : { kind: 'run', pins };
  }
  const pins = lock.get(pattern.text);
  if (pins !== undefined) return { kind: 'lock', pins };
  const others = [...lock.keys()].map((text) => `'${text}'`).join(', ');
  throw new UserError(
    'bad-config',
    `${LOCK_FILE} has no entry for '${pattern.text}'; it has ${others === '' ? 'none' : others}. Run validate-data with 'write-lock: true' on the same data, and commit the file.`,
  );
}

/** How the objects of a pattern differ from what is pinned, by key. */
export interface Moves {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

interface Listed {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}

/** Compares pins with what a listing shows now, or with newer pins. */
export function movesSince(pins: readonly Pin[], now: readonly Listed[]): Moves {
  const before = new Map(pins.map((pin) => [pin.key, pin]));
  const after = new Set(now.map(({ key }) => key));
  return {
    added: now.filter(({ key }) => !before.has(key)).map(({ key }) => key),
    changed: now
      .filter((object) => {
        const pin = before.get(object.key);
        return pin !== undefined && !sameContent(pin, object);
      })
      .map(({ key }) => key),
    gone: pins.filter(({ key }) => !after.has(key)).map(({ key }) => key),
  };
}

/** An ETag changes with the content (RFC 9110, section 8.8.3). Without one, nothing is known to be the same. */
export function sameContent(pin: Pin, { etag, bytes }: Listed): boolean {
  return pin.etag !== '' && pin.bytes === bytes && pin.etag === bareEtag(etag);
}

/** An ETag without the quotes that HTTP has around it. */
export function bareEtag(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

/** A key that two patterns pin at different content: both cannot lie at one place. Undefined when there is none. */
export function pinnedTwice(
  sets: readonly { readonly bucket: string; readonly pins: readonly Pin[] }[],
): string | undefined {
  const seen = new Map<string, Pin>();
  for (const { bucket, pins } of sets) {
    for (const pin of pins) {
      const uri = formatS3Uri({ bucket, key: pin.key });
      const other = seen.get(uri);
      if (other !== undefined && (other.sha256 !== pin.sha256 || other.versionId !== pin.versionId))
        return uri;
      seen.set(uri, pin);
    }
  }
  return undefined;
}
