import { open } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '../action/errors.ts';
import { parseCommit } from './commit-graph.ts';
import { runGit, type GitOptions, type GitResult } from './git.ts';
import { writeObject } from './loose-object.ts';
import { forgedObject, readPrinted, type PrintedObject } from './printed-objects.ts';
import type { RemoteAccess } from './remote.ts';

/** Where objects can be read. */
export interface ObjectSource {
  /** The hash that makes the ids: `sha1` or `sha256`. */
  readonly objectFormat: string;
  /** Hands on what `git cat-file --batch` prints about these objects; one that is not here is `missing`. */
  objects(ids: readonly string[], output: (chunk: Buffer) => void): Promise<void>;
}

/** The longest file that is read from a ref, in bytes: 1,000 uses of a test set are a fifth of it. */
export const LONGEST_FILE = 1 << 20;

/** Files that LFS keeps stay the pointers that git has. */
const NO_LFS: NonNullable<GitOptions['config']> = [
  ['filter.lfs.smudge', ''],
  ['filter.lfs.process', ''],
  ['filter.lfs.required', 'false'],
];

/** Name and address of everything the suite writes into git, whatever identity the runner has. */
const IDENTITY = 'Sluice <noreply@sluice.invalid>';

/** A bare repository of this run: its objects and refs. What reaches the remote is added by Scratch. */
export class LocalRepository implements ObjectSource {
  protected readonly directory: string;
  protected readonly access: RemoteAccess;
  protected readonly signal: AbortSignal | undefined;

  protected constructor(directory: string, access: RemoteAccess, signal: AbortSignal | undefined) {
    this.directory = directory;
    this.access = access;
    this.signal = signal;
  }

  get objectFormat(): string {
    return this.access.objectFormat;
  }

  async objects(ids: readonly string[], output: (chunk: Buffer) => void): Promise<void> {
    const { code, stderr } = await this.run(['cat-file', '--batch', '--buffer'], {
      input: ids.join('\n'),
      output,
    });
    if (code !== 0) throw new Error(`git cat-file failed with exit code ${code}: ${stderr.trim()}`);
  }

  /** What a command that only reads printed; undefined when it failed. */
  async ask(...args: readonly string[]): Promise<string | undefined> {
    const { code, stdout } = await this.run(args);
    return code === 0 ? stdout.trim() : undefined;
  }

  /** Runs a command that must succeed and returns what it printed. */
  protected async git(args: readonly string[], input?: string): Promise<string> {
    const result = await this.run(args, { input });
    if (result.code !== 0) {
      throw new Error(`git ${args[0] ?? ''} failed with exit code ${result.code}: ${result.stderr.trim()}`);
    }
    return result.stdout;
  }

  /** The refs that match, each with the fields asked for (`%(…)` atoms of git for-each-ref). */
  async refs(patterns: readonly string[], fields: readonly string[]): Promise<string[][]> {
    const format = fields.map((field) => `%(${field})%00`).join('');
    const output = await this.git(['for-each-ref', `--format=${format}`, '--', ...patterns]);
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
    return (await this.git(['mktag'], text)).trim();
  }

  /** Writes a commit and returns its id. */
  writeCommit(tree: string, parents: readonly string[], time: Date, message: string): Promise<string> {
    const stamp = `${IDENTITY} ${seconds(time)} +0000`;
    const text = `tree ${tree}\n${parents.map((p) => `parent ${p}\n`).join('')}author ${stamp}\ncommitter ${stamp}\n\n${message}`;
    return this.#write('commit', Buffer.from(text));
  }

  /** The tree of a commit that the repository or the checkout has. Throws `bad-config` for a forged one. */
  async treeOf(commit: string): Promise<string> {
    const found = await this.#read(commit);
    if (found?.type !== 'commit' || found.bytes === undefined) throw new Error(`${commit} is no commit here`);
    if (found.id === commit) return parseCommit(found.bytes).tree;
    throw new UserError('bad-config', `Nothing was written: ${forgedObject(commit)}.`);
  }

  /** Writes a tree of one text file and returns its id. */
  async writeTree(file: string, content: string): Promise<string> {
    const blob = await this.#write('blob', Buffer.from(content));
    return this.#write('tree', Buffer.concat([Buffer.from(`100644 ${file}\0`), Buffer.from(blob, 'hex')]));
  }

  /** By itself: a process for each object would take longer than all of a lock does. */
  #write(type: string, content: Buffer): Promise<string> {
    return writeObject(path.join(this.directory, 'objects'), this.objectFormat, type, content);
  }

  /** The text of a file at a commit; undefined when there is none, or one that is longer than Sluice writes. */
  async show(commit: string, file: string): Promise<string | undefined> {
    const found = await this.#read(`${commit}:${file}`);
    return found?.type === 'blob' && found.bytes !== undefined
      ? Buffer.from(found.bytes, 'latin1').toString('utf8')
      : undefined;
  }

  async #read(name: string): Promise<PrintedObject | undefined> {
    let found: PrintedObject | undefined;
    const take = (object: PrintedObject | undefined): void => void (found = object);
    const reading = { format: this.objectFormat, longest: LONGEST_FILE, take };
    await this.objects([name], readPrinted(reading));
    return found;
  }

  /** Writes the bytes of a file that is here. */
  async saveFile({ id }: { readonly id: string }, target: string): Promise<void> {
    const handle = await open(target, 'wx');
    try {
      let written: Promise<unknown> = Promise.resolve();
      const output = (chunk: Buffer): void => {
        written = written.then(() => handle.appendFile(chunk));
      };
      const { code, stderr } = await this.run(['cat-file', 'blob', id], { output });
      await written;
      if (code !== 0) throw new Error(`git cat-file failed with exit code ${code}: ${stderr.trim()}`);
    } finally {
      await handle.close();
    }
  }

  /** Writes all files of a commit into a folder, without a program that a filter names. Returns what git said when it failed. */
  async checkOut(commit: string, folder: string): Promise<string | undefined> {
    const repository = { gitDir: this.directory, workTree: folder };
    for (const args of [
      ['read-tree', commit],
      ['checkout-index', '--all', '--force', '--quiet'],
    ]) {
      const { code, stderr } = await runGit(args, { repository, config: NO_LFS, signal: this.signal });
      if (code !== 0) return stderr;
    }
    return undefined;
  }

  protected async dropRefs(): Promise<void> {
    const commands = await this.git(['for-each-ref', '--format=delete %(refname)']);
    await this.git(['update-ref', '--stdin'], commands);
  }

  protected run(
    args: readonly string[],
    extra: Pick<GitOptions, 'input' | 'output' | 'graceMs'> = {},
  ): Promise<GitResult> {
    return runGit(args, {
      repository: { gitDir: this.directory },
      protocol: this.access.protocol,
      config: this.access.config,
      signal: this.signal,
      ...extra,
    });
  }
}

function seconds(time: Date): string {
  return String(Math.floor(time.getTime() / 1000));
}
