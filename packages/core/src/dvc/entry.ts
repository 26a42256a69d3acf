import * as z from 'zod/mini';
import type { Algorithm } from '../digest/parallel.ts';
import { isBelow } from './tree.ts';

const count = z.int().check(z.nonnegative());
/** Names of objects are made of it: nothing else may become part of a path. */
const md5 = z.optional(
  z.nullable(
    z
      .string()
      .check(z.regex(/^(?:[0-9a-fA-F]{32}(?:\.dir)?)?$/, 'expected an md5 in hex, with .dir for a folder')),
  ),
);
const cloudSchema = z.record(
  z.string(),
  z.looseObject({ etag: z.optional(z.string()), version_id: z.optional(z.string()) }),
);
const meta = {
  md5,
  etag: z.optional(z.nullable(z.string())),
  version_id: z.optional(z.string()),
  size: z.optional(count),
  isexec: z.optional(z.boolean()),
  cloud: z.optional(cloudSchema),
};

/** A dependency or an output as `.dvc` files and `dvc.lock` list them; keys that are not read here may be there too. */
export const entrySchema = z.looseObject({
  ...meta,
  path: z.string(),
  hash: z.optional(z.string()),
  nfiles: z.optional(count),
  files: z.optional(
    z.array(
      z.looseObject({
        ...meta,
        relpath: z.string().check(z.refine(isBelow, 'expected a path below the folder')),
      }),
    ),
  ),
  cache: z.optional(z.boolean()),
  remote: z.optional(z.string()),
  repo: z.optional(
    z.looseObject({ url: z.string(), rev: z.optional(z.string()), rev_lock: z.optional(z.string()) }),
  ),
});
type RawEntry = z.infer<typeof entrySchema>;

/** A version of an object in a bucket with versioning. */
export interface CloudVersion {
  /** The remote whose bucket it is in; absent for an import, whose dependency says where it is from. */
  readonly remote?: string;
  readonly versionId: string;
  readonly etag?: string;
}

/** A file of a folder that DVC tracks. */
export interface TreeFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Hex; an import knows only the version. */
  readonly md5?: string;
  readonly bytes?: number;
  readonly cloud?: CloudVersion;
}

/** A file or folder with the digest that DVC recorded. */
export interface Entry {
  /** As written: relative to the file's `wdir`, absolute, or an address. */
  readonly path: string;
  /** How the md5 is computed: DVC before 3.0 took CRLF in text for LF. */
  readonly algorithm: Algorithm & `md5${string}`;
  /** Hex, with `.dir` for a folder; absent for what only a cloud knows, and before the first run. */
  readonly md5?: string;
  readonly bytes?: number;
  /** The files of a folder whose versions a cloud keeps; DVC writes them out instead of one digest. */
  readonly files?: readonly TreeFile[];
  readonly cloud?: CloudVersion;
  /** Whether DVC keeps the bytes; otherwise git does. */
  readonly cached: boolean;
  /** The remote that this entry names. */
  readonly remote?: string;
  /** The repository that it was imported from. */
  readonly repo?: { readonly url: string; readonly rev?: string | undefined };
}

/** Makes an entry of what was read. Entries without `hash: md5` are of DVC 2.x. */
export function toEntry(raw: RawEntry): Entry {
  const cloud = cloudOf(raw);
  const files = raw.files?.map((file): TreeFile => {
    const version = cloudOf(file);
    return {
      path: file.relpath,
      ...(file.md5 ? { md5: file.md5.toLowerCase() } : {}),
      ...(file.size === undefined ? {} : { bytes: file.size }),
      ...(version && { cloud: version }),
    };
  });
  return {
    path: raw.path,
    algorithm: raw.hash === 'md5' ? 'md5' : 'md5-dos2unix',
    ...(raw.md5 ? { md5: raw.md5.toLowerCase() } : {}),
    ...(raw.size === undefined ? {} : { bytes: raw.size }),
    ...(files === undefined ? {} : { files }),
    ...(cloud && { cloud }),
    cached: raw.cache ?? true,
    ...(raw.remote === undefined ? {} : { remote: raw.remote }),
    ...(raw.repo === undefined
      ? {}
      : { repo: { url: raw.repo.url, rev: raw.repo.rev_lock ?? raw.repo.rev } }),
  };
}

/** Whether an entry is a folder. */
export function isFolder({ md5, files }: Pick<Entry, 'md5' | 'files'>): boolean {
  return files !== undefined || md5?.endsWith('.dir') === true;
}

function cloudOf(raw: Pick<RawEntry, 'cloud' | 'version_id' | 'etag'>): CloudVersion | undefined {
  const [named] = Object.entries(raw.cloud ?? {});
  if (named?.[1].version_id !== undefined) {
    const { version_id: versionId, etag } = named[1];
    return { remote: named[0], versionId, ...(etag === undefined ? {} : { etag }) };
  }
  if (raw.version_id === undefined) return undefined;
  return { versionId: raw.version_id, ...(raw.etag ? { etag: raw.etag } : {}) };
}
