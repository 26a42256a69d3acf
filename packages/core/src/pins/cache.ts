import { randomUUID } from 'node:crypto';
import { chmod, copyFile, link, lstat, readdir, rename, rmdir } from 'node:fs/promises';
import * as path from 'node:path';
import { makeFolderBelow, removeBelow } from '../action/below.ts';
import { errorCode } from '../action/errors.ts';
import { hashFiles } from '../digest/parallel.ts';
import { inParallel } from '../transfer/parallel.ts';

/** Bytes by their sha256 on this machine. Whatever lies in it is digested before it is used. */
export class ByteCache {
  readonly #root: string;
  readonly #folder: string;

  /** Both are absolute: no link in `root` leads to `folder`, which is made when the first bytes come. */
  constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
  }

  /** Which of these bytes are here, by digest. What has another digest than its name says is removed. */
  async present(
    wanted: readonly { readonly sha256: string; readonly bytes: number }[],
  ): Promise<Set<string>> {
    const sizes = new Map(wanted.map(({ sha256, bytes }) => [sha256, bytes]));
    const found = await inParallel([...sizes], LOOKS, async ([sha256, bytes]) => {
      const info = await lstat(this.#pathOf(sha256)).catch(absentIsUndefined);
      return {
        sha256,
        isThere: info !== undefined,
        isLikely: info?.isFile() === true && info.size === bytes,
      };
    });
    const likely = found.filter(({ isLikely }) => isLikely).map(({ sha256 }) => sha256);
    const hashed = await hashFiles(
      likely.map((sha256) => this.#pathOf(sha256)),
      'sha256',
    );
    const present = new Set(likely.filter((sha256, index) => hashed[index]?.hex === sha256));
    const wrong = found.filter(({ isThere, sha256 }) => isThere && !present.has(sha256));
    for (const { sha256 } of wrong) await removeBelow(this.#root, this.#pathOf(sha256));
    return present;
  }

  /** A name for bytes that are on their way, where nothing is yet. */
  async newFile(): Promise<string> {
    await makeFolderBelow(this.#root, this.#folder);
    return path.join(this.#folder, `${PARTIAL}${randomUUID()}`);
  }

  /** Takes a complete `newFile` over. Nobody may write into it any more: it may get further names. */
  async add(file: string, sha256: string): Promise<void> {
    await chmod(file, 0o444);
    await rename(file, this.#pathOf(sha256));
  }

  /** Removes a `newFile` whose bytes are not wanted. */
  discard(file: string): Promise<void> {
    return removeBelow(this.#root, file);
  }

  /** Puts bytes that are here at `name` below `root`, in one move and without a second copy where the file system can. */
  async place(sha256: string, root: string, name: string): Promise<void> {
    const [file, target] = [this.#pathOf(sha256), path.join(root, name)];
    const [from, to] = await Promise.all([lstat(file), lstat(target).catch(absentIsUndefined)]);
    if (to?.ino === from.ino && to.dev === from.dev) return;
    await makeFolderBelow(root, path.dirname(target));
    // No bucket's name begins with a dot.
    const beside = path.join(root, `${PARTIAL}${randomUUID()}`);
    try {
      await link(file, beside);
    } catch (error) {
      if (!NO_LINKS.includes(errorCode(error) ?? '')) throw error;
      await copyFile(file, beside);
    }
    await rename(beside, target);
  }

  /** Removes all bytes but these, and what killed steps left. */
  async keepOnly(digests: ReadonlySet<string>): Promise<void> {
    const names = (await readdir(this.#folder).catch(absentIsUndefined)) ?? [];
    for (const name of names) {
      if (!digests.has(name)) await removeBelow(this.#root, path.join(this.#folder, name));
    }
  }

  #pathOf(sha256: string): string {
    return path.join(this.#folder, sha256);
  }
}

/** File system calls at once. */
const LOOKS = 64;
const PARTIAL = '.partial-';
/** What file systems say that cannot give a file a second name. */
const NO_LINKS = ['EPERM', 'EXDEV', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'UNKNOWN'];

/** Removes every file below a folder that is not among `wanted` (paths below it, with `/`), and folders left empty. */
export async function removeOthers(root: string, wanted: ReadonlySet<string>, below = ''): Promise<void> {
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch(absentIsUndefined);
  for (const entry of entries ?? []) {
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await removeOthers(root, wanted, relative);
    else if (!entry.isFile() || !wanted.has(relative)) await removeBelow(root, path.join(root, relative));
  }
  if (below !== '') await rmdir(path.join(root, below)).catch(fullIsFine);
}

function absentIsUndefined(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
}

function fullIsFine(error: unknown): void {
  if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
}
