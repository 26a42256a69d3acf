import type { S3Location } from '../s3/location.ts';
import { formatS3Uri } from '../s3/location.ts';

/** Longest name of a file in bytes on the usual file systems. */
const LONGEST_NAME = 255;

/** Where an object lies below the folder of data, with `/`. */
export function placeOf({ bucket, key }: S3Location): string {
  return `${bucket}/${key}`;
}

/**
 * Why these objects cannot lie side by side as files, below a folder and nowhere else, on every file system; undefined
 * when they can. Anybody who may write into a bucket chooses its keys.
 */
export function placesProblem(objects: readonly S3Location[]): string | undefined {
  const taken = new Map<string, S3Location>();
  for (const object of objects) {
    const fault = nameProblem(object.key);
    if (fault !== undefined) return `The key ${show(object)} cannot be a file: ${fault}`;
    const other = taken.get(folded(object));
    if (other !== undefined && other.key !== object.key) {
      return `The keys ${show(other)} and ${show(object)} are one file where the file system does not tell capitals or accents apart. Rename one of them.`;
    }
    taken.set(folded(object), object);
  }
  for (const object of objects) {
    const parts = folded(object).split('/');
    for (let length = 2; length < parts.length; length++) {
      const above = taken.get(parts.slice(0, length).join('/'));
      if (above === undefined) continue;
      return `The key ${show(above)} would have to be a file and a folder at once, because of ${show(object)}. Rename one of them.`;
    }
  }
  return undefined;
}

function nameProblem(key: string): string | undefined {
  if (/[\p{Cc}\u2028\u2029]/u.test(key)) return 'it holds a control character. Rename the object.';
  if (/\p{Cs}/u.test(key)) return 'it is no Unicode text. Rename the object.';
  if (key.includes('\\')) return 'it holds a backslash, which parts folders on Windows. Rename the object.';
  for (const part of key.split('/')) {
    if (part === '') return 'a part between slashes is empty. Rename the object.';
    if (part === '.' || part === '..') return `'${part}' would lead to another folder. Rename the object.`;
    const bytes = Buffer.byteLength(part);
    if (bytes > LONGEST_NAME) {
      return `a part between slashes has ${bytes} bytes, and a name may have ${LONGEST_NAME}. Rename the object.`;
    }
  }
  return undefined;
}

/** Equal for names that some file system takes for one. */
function folded(object: S3Location): string {
  return placeOf(object).normalize('NFC').toLowerCase();
}

/** JSON shows what cannot be seen. */
function show(object: S3Location): string {
  return JSON.stringify(formatS3Uri(object));
}
