import type { DataFile } from '../../data/files.ts';
import { removeOthers, type ByteCache } from '../cache.ts';
import type { Pin, Pins } from '../lock.ts';
import { parsePattern } from '../pattern.ts';
import { placeOf } from '../place.ts';
import { formatS3Uri, type S3Location } from '../../s3/location.ts';
import * as path from 'node:path';
import { DATA_FOLDER, type DataFolders } from './folders.ts';

interface Placing {
  readonly folders: DataFolders;
  /** Holds the bytes of all `pins`. */
  readonly cache: ByteCache;
  /** What this step reads. */
  readonly pins: Pins;
  /** What all steps of this run have read so far. */
  readonly ofRun: Pins;
  readonly lock: Pins | undefined;
}

/**
 * Makes the folder of data hold what this run reads and nothing else, so that a program that reads all of a folder reads
 * no file of another run. Links below it are removed first, so that nothing is written elsewhere. Returns the files by
 * pattern.
 */
export async function placeFiles({
  folders,
  cache,
  pins,
  ofRun,
  lock,
}: Placing): Promise<Map<string, DataFile[]>> {
  await removeOthers(folders.data, new Set(objectsOf(ofRun).map(placeOf)));
  const files = new Map<string, DataFile[]>();
  for (const [text, list] of pins) {
    const { bucket } = parsePattern(text, 'data');
    files.set(text, await Promise.all(list.map((pin) => placeFile(folders, cache, { bucket, pin }))));
  }
  const needed = [ofRun, lock ?? new Map<string, Pin[]>()].flatMap((each) => [...each.values()].flat());
  await cache.keepOnly(new Set(needed.map(({ sha256 }) => sha256)));
  return files;
}

/** The places in S3 that pins name. */
export function objectsOf(pins: Pins): S3Location[] {
  return [...pins].flatMap(([text, list]) => {
    const { bucket } = parsePattern(text, 'data');
    return list.map(({ key }) => ({ bucket, key }));
  });
}

async function placeFile(
  folders: DataFolders,
  cache: ByteCache,
  { bucket, pin }: { readonly bucket: string; readonly pin: Pin },
): Promise<DataFile> {
  const { key, versionId, bytes, sha256 } = pin;
  const place = placeOf({ bucket, key });
  await cache.place(sha256, folders.data, place);
  return {
    path: `${DATA_FOLDER}/${place}`,
    absolute: path.join(folders.data, place),
    bytes,
    sha256,
    origin: { uri: encodedUri({ bucket, key }), ...(versionId === undefined ? {} : { versionId }) },
  };
}

/** A key may hold any character; in an address they are encoded (RFC 3986), and `?` begins a query. */
function encodedUri(location: S3Location): string {
  return encodeURI(formatS3Uri(location)).replace(/[?#]/g, encodeURIComponent);
}
