import * as path from 'node:path';
import { nameWithin } from '../action/paths.ts';
import type { CloudVersion, Entry, TreeFile } from './entry.ts';
import type { TreeEntry } from './tree.ts';
import type { Tracked } from './tracked.ts';

/** A version of an object: below a remote's url, or at an address of its own. */
export interface VersionPlace {
  readonly base:
    { readonly kind: 'remote'; readonly name: string } | { readonly kind: 'address'; readonly url: string };
  /** Below that, with `/`; empty for the address itself. */
  readonly below: string;
  readonly versionId: string;
}

/** A file that ought to be in the workspace. */
export interface WantedFile {
  readonly absolute: string;
  /** Hex; absent where only the folder's digest is recorded. */
  readonly md5: string | undefined;
  /** Its size, where that is recorded. */
  readonly bytes: number | undefined;
  readonly algorithm: Entry['algorithm'];
  /** Where its bytes are when a cloud keeps versions; else they are found by md5. */
  readonly version: VersionPlace | undefined;
}

/**
 * The files that an entry stands for. `listed` are those of a folder whose list is an object of its own; undefined when
 * neither it nor the entry says which files these are. `root` is the project's.
 */
export function wantedFiles(
  tracked: Tracked,
  root: string,
  listed: readonly TreeEntry[] | undefined,
): WantedFile[] | undefined {
  const { entry, absolute } = tracked;
  const { algorithm } = entry;
  const imported = tracked.origin.kind === 'file' ? tracked.origin.imported : undefined;
  const below = nameWithin(root, absolute);
  const file = (
    relative: string,
    { md5, bytes }: Pick<TreeFile, 'md5' | 'bytes'>,
    version: VersionPlace | undefined,
  ): WantedFile => ({
    absolute: relative === '' ? absolute : path.join(absolute, relative),
    md5,
    bytes,
    algorithm,
    version,
  });
  if (entry.files !== undefined) {
    return entry.files.map((one) => file(one.path, one, pushed(one, `${below}/${one.path}`)));
  }
  const versions = new Map((imported?.files ?? []).map((one) => [one.path, one]));
  if (listed !== undefined) {
    return listed.map((one) => {
      const version = versions.get(one.path);
      return file(one.path, { ...version, md5: one.md5 }, fetched(imported, version, one.path));
    });
  }
  if (entry.md5?.endsWith('.dir') === true) {
    if (versions.size === 0) return undefined;
    return [...versions].map(([relative, one]) => file(relative, one, fetched(imported, one, relative)));
  }
  return [file('', entry, pushed(entry, below) ?? fetched(imported, imported, ''))];
}

/** The place of what `dvc push` left in a remote that keeps versions: below its url, by the path in the project. */
function pushed({ cloud }: { cloud?: CloudVersion }, below: string): VersionPlace | undefined {
  if (cloud?.remote === undefined) return undefined;
  return { base: { kind: 'remote', name: cloud.remote }, below, versionId: cloud.versionId };
}

/** The place of what `dvc import-url --version-aware` read. */
function fetched(
  imported: Entry | undefined,
  version: Pick<TreeFile, 'cloud'> | undefined,
  below: string,
): VersionPlace | undefined {
  if (imported === undefined || version?.cloud === undefined) return undefined;
  const { versionId } = version.cloud;
  const remote = /^remote:\/\/([^/]+)\/(.*)$/s.exec(imported.path);
  if (remote === null)
    return { base: { kind: 'address', url: imported.path.replace(/\?.*$/, '') }, below, versionId };
  const [, name = '', place = ''] = remote;
  return { base: { kind: 'remote', name }, below: path.posix.join(place, below), versionId };
}
