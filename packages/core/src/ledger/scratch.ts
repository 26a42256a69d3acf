import { mkdtemp, open, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { CancelledError, UnknownOutcomeError, UserError } from '../action/errors.ts';
import { listed, retry } from '../action/retry.ts';
import { runGit, type GitOptions, type GitResult } from './git.ts';
import { isTransient, remoteError } from './refused.ts';
import type { RemoteAccess } from './remote.ts';
import { copyShallow, makeFolder, makeRepository, moveObjects, within } from './scratch-folder.ts';

/** What a push of new refs came to. */
export type PushResult =
  | { readonly kind: 'pushed' }
  /** The remote did not take it; `stderr` says why, in git's words. */
  | { readonly kind: 'refused'; readonly stderr: string };

/** Attempts and waits for a remote that does not answer. */
const RETRY_WAITS_MS = [500, 2000];

/** A push that a server thinks about ends well within this, and the runner kills a cancelled step after 7.5 s. */
const PUSH_GRACE_MS = 3_000;

const FETCH = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--refmap='];

/** The longest file that is read from a ref, in bytes: 1,000 uses of a test set are a fifth of it. */
const LONGEST_FILE = 1 << 20;

/** Files that LFS keeps stay the pointers that git has. */
const NO_LFS: NonNullable<GitOptions['config']> = [
  ['filter.lfs.smudge', ''],
  ['filter.lfs.process', ''],
  ['filter.lfs.required', 'false'],
];

/** Name and address of everything the suite writes into git, whatever identity the runner has. */
export const IDENTITY = 'Sluice <noreply@sluice.invalid>';

/** Where objects can be read. */
export interface ObjectSource {
  /** The hash that makes the ids: `sha1` or `sha256`. */
  readonly objectFormat: string;
  /** Hands on what `git cat-file --batch` prints about these objects; one that is not here is `missing`. */
  objects(ids: readonly string[], output: (chunk: Buffer) => void): Promise<void>;
}

/**
 * A bare repository for the length of one operation, so that the checkout itself is never changed (a shallow fetch into a
 * full clone would cut its history off, and a failed push would leave tags behind).
 */
export class Scratch implements ObjectSource {
  readonly #directory: string;
  readonly #access: RemoteAccess;
  readonly #signal: AbortSignal | undefined;
  /** Where fetched tags are kept: a folder that outlives this repository, where the checkout can be written. */
  readonly #kept: string | undefined;

  private constructor(
    directory: string,
    access: RemoteAccess,
    signal: AbortSignal | undefined,
    kept: string | undefined,
  ) {
    this.#directory = directory;
    this.#access = access;
    this.#signal = signal;
    this.#kept = kept;
  }

  /**
   * Runs `body` with a new scratch repository and removes it afterwards. It borrows the objects of the checkout, which
   * git reads without hashing them: whoever can write into `.git` chooses what they say.
   */
  static use<T>(
    access: RemoteAccess,
    signal: AbortSignal | undefined,
    body: (scratch: Scratch) => Promise<T>,
  ): Promise<T> {
    return within(async (directory) => {
      const kept = await makeFolder(access.cache);
      const borrowed = kept === undefined ? [access.objects] : [access.objects, kept];
      await makeRepository(directory, access.objectFormat, borrowed);
      await copyShallow(access.shallow, path.join(directory, 'shallow'));
      return body(new Scratch(directory, access, signal, kept));
    });
  }

  /** As `use`, with a repository that has nothing but what it fetches itself, which git hashes then. */
  static useAlone<T>(
    access: RemoteAccess,
    signal: AbortSignal | undefined,
    body: (scratch: Scratch) => Promise<T>,
  ): Promise<T> {
    return within(async (directory) => {
      await makeRepository(directory, access.objectFormat, []);
      return body(new Scratch(directory, access, signal, undefined));
    });
  }

  get objectFormat(): string {
    return this.#access.objectFormat;
  }

  /**
   * Brings the matching refs of the remote into this repository under the same names, and drops those that are gone.
   * Tries again when the remote does not answer, or when a ref was removed between listing and fetching.
   */
  async fetch(patterns: readonly string[]): Promise<void> {
    await this.patiently(() => this.#fetchOnce(patterns));
  }

  /** The object that a ref of the remote has now; undefined where there is no such ref. */
  async tip(ref: string): Promise<string | undefined> {
    return (await this.tips([ref])).get(ref);
  }

  /** As `tip`, of several refs at once. */
  async tips(refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    let printed = '';
    await this.patiently(async () => {
      const { code, stdout, stderr } = await this.#list(refs);
      printed = stdout;
      return code === 0 ? undefined : stderr;
    });
    const rows = printed.split('\n').map((row) => row.split('\t'));
    return new Map(rows.flatMap(([object, ref]) => (ref === undefined ? [] : [[ref, object ?? '']])));
  }

  /** Tries again while `body` returns what git said about a remote that does not answer. */
  async patiently(body: () => Promise<string | undefined>): Promise<void> {
    let said = '';
    const attempt = async (): Promise<void> => {
      said = '';
      const failed = await body();
      if (failed === undefined) return;
      said = failed;
      throw remoteError(this.#access, 'read', failed);
    };
    const waits = listed(RETRY_WAITS_MS, () => (isTransient(said) ? {} : undefined));
    await retry(attempt, { waits, signal: this.#signal });
  }

  /** Returns what git said when it failed. */
  async #fetchOnce(patterns: readonly string[]): Promise<string | undefined> {
    const listing = await this.#list(patterns);
    if (listing.code !== 0) return listing.stderr;
    // A shallow fetch that matches nothing ends with an error that says nothing.
    if (listing.stdout === '') {
      await this.#dropRefs();
      return undefined;
    }
    const refspecs = patterns.map((p) => `+${p}:${p}`);
    return this.#bring(['--prune', '--depth=1'], refspecs);
  }

  /** What git printed about the remote's tags that match, one `<object>\t<ref>` a line. */
  listTags(patterns: readonly string[]): Promise<GitResult> {
    return this.#list(patterns, ['--tags']);
  }

  /**
   * Brings tags of the remote, and the commits they point at without files and history, hands them to `read`, and keeps
   * them in the folder of tags that were read once; no ref is made. Returns what git said when it failed.
   */
  async fetchTags(
    refspecs: readonly string[],
    read: (fetched: ObjectSource) => Promise<void>,
  ): Promise<string | undefined> {
    const kept = this.#kept;
    // On the file system where they are kept, so that each file gets there whole.
    const beside = kept === undefined ? this.#directory : path.dirname(kept);
    const fetched = await mkdtemp(path.join(beside, 'fetched-'));
    try {
      await makeRepository(fetched, this.#access.objectFormat, []);
      const failed = await this.#fetchTagsInto(path.join(fetched, 'objects'), refspecs);
      if (failed !== undefined) return failed;
      await read(new Scratch(fetched, this.#access, this.#signal, undefined));
      if (kept !== undefined) await moveObjects(path.join(fetched, 'objects'), kept);
      return undefined;
    } finally {
      await rm(fetched, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async #fetchTagsInto(objects: string, refspecs: readonly string[]): Promise<string | undefined> {
    // A repository of its own: what it marks as cut off or left out must not be believed of other objects.
    const directory = path.join(this.#directory, 'tags.git');
    await makeRepository(directory, this.#access.objectFormat, []);
    const { code, stderr } = await runGit(
      ['fetch', ...FETCH, '--depth=1', '--filter=tree:0', 'origin', ...refspecs],
      {
        repository: { gitDir: directory },
        protocol: this.#access.protocol,
        config: this.#access.config,
        objects,
        signal: this.#signal,
      },
    );
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    return code === 0 ? undefined : stderr;
  }

  async objects(ids: readonly string[], output: (chunk: Buffer) => void): Promise<void> {
    const { code, stderr } = await this.#run(['cat-file', '--batch', '--buffer'], {
      input: ids.join('\n'),
      output,
    });
    if (code !== 0) throw new Error(`git cat-file failed with exit code ${code}: ${stderr.trim()}`);
  }

  /**
   * Brings commits without their trees and files, `depth` of them back from each ref or commit id. Returns what git said
   * when it failed; a server that cannot leave anything out sends it all.
   */
  fetchCommits(wanted: readonly string[], depth: number): Promise<string | undefined> {
    const targets = wanted.map((name, i) => `+${name}:refs/history/${i}`);
    return this.#bring([`--depth=${depth}`, '--filter=tree:0'], targets);
  }

  /** Brings one commit with its trees; its files stay away. Returns what git said when it failed. */
  fetchTrees(commit: string): Promise<string | undefined> {
    return this.#bring(['--depth=1', '--filter=blob:none'], [commit]);
  }

  /** What a command that only reads printed; undefined when it failed. */
  async ask(...args: readonly string[]): Promise<string | undefined> {
    const { code, stdout } = await this.#run(args);
    return code === 0 ? stdout.trim() : undefined;
  }

  async #dropRefs(): Promise<void> {
    const commands = await this.#git(['for-each-ref', '--format=delete %(refname)']);
    await this.#git(['update-ref', '--stdin'], commands);
  }

  /**
   * Writes all refs or none. A ref is created only if it is absent, unless `expected` gives the object it must have;
   * a ref without an object is deleted. A cancellation leaves it a few seconds: half a push has an unknown outcome.
   */
  async push(
    refs: readonly { readonly ref: string; readonly object?: string; readonly expected?: string }[],
  ): Promise<PushResult> {
    this.#signal?.throwIfAborted();
    const names = refs.map(({ ref }) => ref.replace(/^refs\/(?:tags\/)?/, ''));
    const { code, stdout, stderr } = await this.#run(
      [
        'push',
        '--porcelain',
        '--atomic',
        '--no-verify',
        '--no-follow-tags',
        '--no-signed',
        ...refs.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`),
        'origin',
        ...refs.map(({ ref, object }) => `${object ?? ''}:${ref}`),
      ],
      { graceMs: PUSH_GRACE_MS },
    ).catch((error: unknown) => {
      if (!(error instanceof CancelledError)) throw error;
      throw new UnknownOutcomeError(
        error,
        `${names.join(', ')} was being pushed`,
        'Run the step again: it reads first what is there',
      );
    });
    return code === 0 ? { kind: 'pushed' } : { kind: 'refused', stderr: `${stderr}\n${stdout}` };
  }

  /** Runs a command that must succeed and returns what it printed. */
  async #git(args: readonly string[], input?: string): Promise<string> {
    const result = await this.#run(args, { input });
    if (result.code !== 0) {
      throw new Error(`git ${args[0] ?? ''} failed with exit code ${result.code}: ${result.stderr.trim()}`);
    }
    return result.stdout;
  }

  /** The refs that match, each with the fields asked for (`%(…)` atoms of git for-each-ref). */
  async refs(patterns: readonly string[], fields: readonly string[]): Promise<string[][]> {
    const format = fields.map((field) => `%(${field})%00`).join('');
    const output = await this.#git(['for-each-ref', `--format=${format}`, '--', ...patterns]);
    const cells = output.split('\0').slice(0, -1);
    return Array.from({ length: cells.length / fields.length }, (_, row) =>
      cells
        .slice(row * fields.length, (row + 1) * fields.length)
        .map((cell, column) => (column === 0 ? cell.replace(/^\n/, '') : cell)),
    );
  }

  /** Writes an annotated tag object and returns its id. */
  async writeTag(name: string, commit: string, time: Date, message: string): Promise<string> {
    const text = `object ${commit}\ntype commit\ntag ${name}\ntagger ${IDENTITY} ${seconds(time)} +0000\n\n${message}`;
    return (await this.#git(['mktag'], text)).trim();
  }

  /** Writes a commit and returns its id. `tree` may be any tree-ish the repository or the checkout has. */
  async writeCommit(tree: string, parents: readonly string[], time: Date, message: string): Promise<string> {
    const treeId = (await this.#git(['rev-parse', '--verify', '--end-of-options', `${tree}^{tree}`])).trim();
    const stamp = `${IDENTITY} ${seconds(time)} +0000`;
    const text = `tree ${treeId}\n${parents.map((p) => `parent ${p}\n`).join('')}author ${stamp}\ncommitter ${stamp}\n\n${message}`;
    return (await this.#git(['hash-object', '-t', 'commit', '-w', '--stdin'], text)).trim();
  }

  /** Writes a tree of one text file and returns its id. */
  async writeTree(file: string, content: string): Promise<string> {
    const blob = (await this.#git(['hash-object', '-w', '--stdin'], content)).trim();
    return (await this.#git(['mktree'], `100644 blob ${blob}\t${file}\n`)).trim();
  }

  /** The text of a file at a commit; undefined when there is none, or one that is longer than Sluice writes. */
  async show(commit: string, file: string): Promise<string | undefined> {
    const size = await this.ask('cat-file', '-s', `${commit}:${file}`);
    if (size === undefined || Number(size) > LONGEST_FILE) return undefined;
    const { code, stdout } = await this.#run(['cat-file', 'blob', `${commit}:${file}`]);
    return code === 0 ? stdout : undefined;
  }

  /** The text of a file at a commit, fetched where it is not here; undefined where the commit has no such file. Throws `bad-config`. */
  async fetchText(commit: string, file: string): Promise<string | undefined> {
    const found = await this.fetchFile(commit, file, LONGEST_FILE);
    return found && this.#git(['cat-file', 'blob', found.id]);
  }

  /**
   * A plain file at a commit whose trees are here, fetched where it is not; undefined where the commit has none of that name.
   * Throws `bad-config` for one that cannot be fetched or has more than `most` bytes.
   */
  async fetchFile(commit: string, file: string, most: number): Promise<{ readonly id: string } | undefined> {
    const entry = await this.#git(['ls-tree', '-z', '--full-tree', commit, '--', `:(literal)${file}`]);
    const [, id] = /^100\d{3} blob ([0-9a-f]+)\t/.exec(entry) ?? [];
    if (id === undefined) return undefined;
    if ((await this.ask('cat-file', '-e', id)) === undefined) {
      // Whether it came shows below.
      await this.#bring(['--filter=blob:none'], [id]);
    }
    const size = await this.ask('cat-file', '-s', id);
    if (size !== undefined && Number(size) <= most) return { id };
    const why = size === undefined ? 'cannot be fetched' : `has ${size} bytes, and at most ${most} are read`;
    throw new UserError('bad-config', `${file} at ${commit.slice(0, 12)} ${why}.`);
  }

  /** Writes the bytes of a file that is here. */
  async saveFile({ id }: { readonly id: string }, target: string): Promise<void> {
    const handle = await open(target, 'wx');
    try {
      let written: Promise<unknown> = Promise.resolve();
      const output = (chunk: Buffer): void => {
        written = written.then(() => handle.appendFile(chunk));
      };
      const { code, stderr } = await this.#run(['cat-file', 'blob', id], { output });
      await written;
      if (code !== 0) throw new Error(`git cat-file failed with exit code ${code}: ${stderr.trim()}`);
    } finally {
      await handle.close();
    }
  }

  /** Brings one commit with all of its files. Returns what git said when it failed. */
  fetchWhole(commit: string): Promise<string | undefined> {
    return this.#bring(['--depth=1'], [commit]);
  }

  /** Writes all files of a commit into a folder, without a program that a filter names. Returns what git said when it failed. */
  async checkOut(commit: string, folder: string): Promise<string | undefined> {
    const repository = { gitDir: this.#directory, workTree: folder };
    for (const args of [
      ['read-tree', commit],
      ['checkout-index', '--all', '--force', '--quiet'],
    ]) {
      const { code, stderr } = await runGit(args, { repository, config: NO_LFS, signal: this.#signal });
      if (code !== 0) return stderr;
    }
    return undefined;
  }

  /** What git printed about the refs of the remote that match, one `<object>\t<ref>` a line. */
  #list(patterns: readonly string[], options: readonly string[] = []): Promise<GitResult> {
    return this.#run(['ls-remote', '--quiet', ...options, '--refs', 'origin', ...patterns]);
  }

  /** Fetches refs or objects of the remote. Returns what git said when it failed. */
  async #bring(options: readonly string[], wanted: readonly string[]): Promise<string | undefined> {
    const { code, stderr } = await this.#run(['fetch', ...FETCH, ...options, 'origin', ...wanted]);
    return code === 0 ? undefined : stderr;
  }

  #run(
    args: readonly string[],
    extra: Pick<GitOptions, 'input' | 'output' | 'graceMs'> = {},
  ): Promise<GitResult> {
    return runGit(args, {
      repository: { gitDir: this.#directory },
      protocol: this.#access.protocol,
      config: this.#access.config,
      signal: this.#signal,
      ...extra,
    });
  }
}

function seconds(time: Date): string {
  return String(Math.floor(time.getTime() / 1000));
}
