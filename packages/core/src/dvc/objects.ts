import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import { UserError, errorCode } from '../action/errors.ts';
import { realTarget } from '../action/paths.ts';
import { hashFiles } from '../digest/parallel.ts';
import { openS3, type S3 } from '../s3/connection.ts';
import { downloadObject } from '../s3/download.ts';
import { S3Failure } from '../s3/failure.ts';
import { parseS3Uri } from '../s3/location.ts';
import { LongObjectError } from '../s3/receive.ts';
import { s3Environment } from './credentials.ts';
import type { Entry } from './entry.ts';
import { refuseForeignSource } from './foreign-folder.ts';
import type { DvcProject, Remote } from './project.ts';

/** Bytes by their md5. */
export interface ObjectName {
  /** Hex, with `.dir` for the list of a folder's files. */
  readonly md5: string;
  readonly algorithm: Entry['algorithm'];
}

/** Where an object lies below a cache or a remote: that of DVC 2.x has no folder for the kind of digest. */
export function objectPath({ md5, algorithm }: ObjectName): string {
  const own = `${md5.slice(0, 2)}/${md5.slice(2)}`;
  return algorithm === 'md5' ? `files/md5/${own}` : own;
}

/** An object, and the most bytes that it may have, where that is known. */
export interface BoundObject extends ObjectName {
  readonly most: number | undefined;
}

/** Tells of bytes as they arrive; `most` are the most that an object may have. */
interface Reading {
  readonly most: number | undefined;
  readonly onBytes: (bytes: number) => void;
}

/** A remote that is read here: a folder, or S3. */
export interface RemoteReader {
  readonly name: string;
  /**
   * Copies an object to a new file, unless the remote does not have it, or it is longer than it may be. Throws UserError when
   * it cannot tell.
   */
  read(object: string, file: string, reading: Reading): Promise<'read' | 'absent' | 'longer'>;
}

/**
 * Opens a remote; undefined for a kind that only DVC itself can read. Throws `bad-config` for a folder that the workflow does
 * not name, and as `s3Environment` does.
 */
export async function openRemote(
  remote: Remote,
  { root, workspace }: Pick<DvcProject, 'root' | 'workspace'>,
  { env, signal }: { readonly env: Readonly<NodeJS.ProcessEnv>; readonly signal: AbortSignal },
): Promise<RemoteReader | undefined> {
  if (remote.url.startsWith('s3://')) return s3Reader(remote, env, signal);
  const refuseForeign = (place: string): Promise<void> =>
    refuseForeignSource(`The DVC remote '${remote.name}'`, place, { root, workspace, env });
  await refuseForeign(remote.url);
  return path.isAbsolute(remote.url) ? folderReader(remote, refuseForeign) : undefined;
}

/** `refuseForeign` holds for each object too, which may be a link. */
function folderReader({ name, url }: Remote, refuseForeign: (place: string) => Promise<void>): RemoteReader {
  return {
    name,
    async read(object, file, { most = Infinity, onBytes }) {
      try {
        const source = path.join(url, object);
        await refuseForeign(source);
        const { size } = await stat(source);
        if (size > most) return 'longer';
        await copyFile(source, file);
        onBytes(size);
        return 'read';
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
        // A disk that is not mounted must not look like an object that is missing.
        await stat(url).catch((cause: unknown) => {
          throw new UserError(
            'service-unavailable',
            `The DVC remote '${name}' is the folder ${url}, which is not there. Mount it, or correct its url in .dvc/config.`,
            { cause },
          );
        });
        return 'absent';
      }
    },
  };
}

function s3Reader(remote: Remote, env: Readonly<NodeJS.ProcessEnv>, signal: AbortSignal): RemoteReader {
  const { bucket, key } = parseS3Uri(remote.url, `The url of the DVC remote '${remote.name}'`);
  const prefix = key.replace(/\/+$/, '');
  const s3 = connect(remote, env, signal);
  return {
    name: remote.name,
    async read(object, file, reading) {
      try {
        await downloadObject(
          s3,
          { bucket, key: prefix === '' ? object : `${prefix}/${object}`, ...reading },
          file,
        );
        return 'read';
      } catch (error) {
        if (error instanceof S3Failure && error.isAbsent && error.code !== 'NoSuchBucket') return 'absent';
        if (error instanceof LongObjectError && reading.most !== undefined) return 'longer';
        throw error;
      }
    },
  };
}

/** Connects to S3 as a remote's settings and the job's environment say. Throws like `s3Environment`. */
export function connect(remote: Remote, env: Readonly<NodeJS.ProcessEnv>, signal: AbortSignal): S3 {
  return openS3({ env: s3Environment(remote, env), signal });
}

/** The absolute path of an object in the cache. */
export function cachePath({ cache }: DvcProject, name: ObjectName): string {
  return path.join(cache, objectPath(name));
}

/** Those of the objects that are not in the cache with the right bytes; wrong ones are removed, as DVC does. */
export async function missingInCache<Name extends ObjectName>(
  project: DvcProject,
  names: readonly Name[],
): Promise<Name[]> {
  const present: Name[] = [];
  const missing: Name[] = [];
  await refuseLinks(project, names);
  for (const name of names) {
    const found = await stat(cachePath(project, name)).catch(() => undefined);
    (found?.isFile() === true ? present : missing).push(name);
  }
  for (const algorithm of ['md5', 'md5-dos2unix'] as const) {
    const group = present.filter((name) => name.algorithm === algorithm);
    const files = group.map((name) => cachePath(project, name));
    // The list of a folder's files is digested as it is, also where DVC 2.x wrote it: it has no CRLF.
    const hashed = await hashFiles(files, algorithm);
    for (const [index, name] of group.entries()) {
      if (hashed[index]?.hex === bareMd5(name.md5)) continue;
      await rm(files[index] as string, { force: true });
      missing.push(name);
    }
  }
  return missing;
}

/** Reads an object into the cache, after its md5 was found right. Returns false when the remote does not have it. */
export async function fetchObject(
  project: DvcProject,
  reader: RemoteReader,
  { most, ...name }: BoundObject,
  onBytes: (bytes: number) => void,
): Promise<boolean> {
  const target = cachePath(project, name);
  const temporary = `${target}.${randomUUID()}.tmp`;
  await refuseLinks(project, [name]);
  await mkdir(path.dirname(target), { recursive: true });
  try {
    const end = await reader.read(objectPath(name), temporary, { most, onBytes });
    if (end === 'absent') return false;
    if (end === 'longer') {
      throw damagedObject(reader, name, `it has more than the ${most ?? 0} bytes that it may have`);
    }
    const [hashed] = await hashFiles([temporary], name.algorithm);
    if (hashed?.hex !== bareMd5(name.md5))
      throw damagedObject(reader, name, `its md5 is ${hashed?.hex ?? ''}`);
    // DVC protects what is in its cache, because files of the workspace may be links to it.
    await chmod(temporary, 0o444);
    await rename(temporary, target);
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A link in the cache could lead the removal of wrong bytes, and the writing of right ones, anywhere. */
async function refuseLinks(project: DvcProject, names: readonly ObjectName[]): Promise<void> {
  const cache = await realTarget(project.cache);
  for (const folder of new Set(names.map((name) => path.dirname(cachePath(project, name))))) {
    const real = await realTarget(folder);
    if (path.relative(project.cache, folder) === path.relative(cache, real)) continue;
    throw new UserError('bad-config', `${folder} in the cache of DVC is a link to ${real}. Remove the link.`);
  }
}

/** The error for an object of a remote that is not what its name says. */
export function damagedObject(
  reader: RemoteReader,
  name: ObjectName,
  what: string,
): UserError<'digest-mismatch'> {
  return new UserError<'digest-mismatch'>(
    'digest-mismatch',
    `The object ${objectPath(name)} of the DVC remote '${reader.name}' is damaged: ${what}. Delete it there, and run 'dvc push' where the right file is.`,
    { decision: 'fail' },
  );
}

function bareMd5(md5: string): string {
  return md5.replace(/\.dir$/, '');
}
