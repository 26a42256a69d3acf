import { mkdtemp, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { CancelledError, UnknownOutcomeError, UserError } from '../action/errors.ts';
import { listed, retry } from '../action/retry.ts';
import { runGit, type GitResult } from './git.ts';
import { LONGEST_FILE, LocalRepository, type ObjectSource } from './local-repository.ts';
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

/**
 * A bare repository for the length of one operation, so that the checkout itself is never changed (a shallow fetch into a
 * full clone would cut its history off, and a failed push would leave tags behind).
 */
export class Scratch extends LocalRepository {
  /** Where fetched tags are kept: a folder that outlives this repository, where the checkout can be written. */
  readonly #kept: string | undefined;

  private constructor(
    directory: string,
    access: RemoteAccess,
    signal: AbortSignal | undefined,
    kept: string | undefined,
  ) {
    super(directory, access, signal);
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
      throw remoteError(this.access, 'read', failed);
    };
    const waits = listed(RETRY_WAITS_MS, () => (isTransient(said) ? {} : undefined));
    await retry(attempt, { waits, signal: this.signal });
  }

  /** Returns what git said when it failed. */
  async #fetchOnce(patterns: readonly string[]): Promise<string | undefined> {
    const listing = await this.#list(patterns);
    if (listing.code !== 0) return listing.stderr;
    // A shallow fetch that matches nothing ends with an error that says nothing.
    if (listing.stdout === '') {
      await this.dropRefs();
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
    const beside = kept === undefined ? this.directory : path.dirname(kept);
    const fetched = await mkdtemp(path.join(beside, 'fetched-'));
    try {
      await makeRepository(fetched, this.access.objectFormat, []);
      const failed = await this.#fetchTagsInto(path.join(fetched, 'objects'), refspecs);
      if (failed !== undefined) return failed;
      await read(new Scratch(fetched, this.access, this.signal, undefined));
      if (kept !== undefined) await moveObjects(path.join(fetched, 'objects'), kept);
      return undefined;
    } finally {
      await rm(fetched, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  async #fetchTagsInto(objects: string, refspecs: readonly string[]): Promise<string | undefined> {
    // A repository of its own: what it marks as cut off or left out must not be believed of other objects.
    const directory = path.join(this.directory, 'tags.git');
    await makeRepository(directory, this.access.objectFormat, []);
    const { code, stderr } = await runGit(
      ['fetch', ...FETCH, '--depth=1', '--filter=tree:0', 'origin', ...refspecs],
      {
        repository: { gitDir: directory },
        protocol: this.access.protocol,
        config: this.access.config,
        objects,
        signal: this.signal,
      },
    );
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    return code === 0 ? undefined : stderr;
  }

  /**
   * Brings the matching refs of the remote under the same names, of commits nothing but themselves. Returns what git said when
   * it failed, also when nothing matched.
   */
  fetchTips(patterns: readonly string[]): Promise<string | undefined> {
    const refspecs = patterns.map((pattern) => `+${pattern}:${pattern}`);
    return this.#bring(['--depth=1', '--filter=tree:0'], refspecs);
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

  /**
   * Writes all refs or none. A ref is created only if it is absent, unless `expected` gives the object it must have;
   * a ref without an object is deleted. A cancellation leaves it a few seconds: half a push has an unknown outcome.
   * `thin: false` looks for nothing that new objects could be described by, and so at no tree.
   */
  async push(
    refs: readonly { readonly ref: string; readonly object?: string; readonly expected?: string }[],
    { thin = true }: { readonly thin?: boolean } = {},
  ): Promise<PushResult> {
    this.signal?.throwIfAborted();
    const names = refs.map(({ ref }) => ref.replace(/^refs\/(?:tags\/)?/, ''));
    const { code, stdout, stderr } = await this.run(
      [
        'push',
        '--porcelain',
        '--atomic',
        '--no-verify',
        '--no-follow-tags',
        '--no-signed',
        thin ? '--thin' : '--no-thin',
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

  /** The text of a file at a commit, fetched where it is not here; undefined where the commit has no such file. Throws `bad-config`. */
  async fetchText(commit: string, file: string): Promise<string | undefined> {
    const found = await this.fetchFile(commit, file, LONGEST_FILE);
    return found && this.git(['cat-file', 'blob', found.id]);
  }

  /**
   * A plain file at a commit whose trees are here, fetched where it is not; undefined where the commit has none of that name.
   * Throws `bad-config` for one that cannot be fetched or has more than `most` bytes.
   */
  async fetchFile(commit: string, file: string, most: number): Promise<{ readonly id: string } | undefined> {
    const entry = await this.git(['ls-tree', '-z', '--full-tree', commit, '--', `:(literal)${file}`]);
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

  /** Brings one commit with all of its files. Returns what git said when it failed. */
  fetchWhole(commit: string): Promise<string | undefined> {
    return this.#bring(['--depth=1'], [commit]);
  }

  /** What git printed about the refs of the remote that match, one `<object>\t<ref>` a line. */
  #list(patterns: readonly string[], options: readonly string[] = []): Promise<GitResult> {
    return this.run(['ls-remote', '--quiet', ...options, '--refs', 'origin', ...patterns]);
  }

  /** Fetches refs or objects of the remote. Returns what git said when it failed. */
  async #bring(options: readonly string[], wanted: readonly string[]): Promise<string | undefined> {
    const { code, stderr } = await this.run(['fetch', ...FETCH, ...options, 'origin', ...wanted]);
    return code === 0 ? undefined : stderr;
  }
}
