import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Log } from '@sluice/core/action/log.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import type { Store, StoreScheme } from '@sluice/core/store/store.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { openAt, type StoreAddress } from '@sluice/testing/store-address.ts';

/** Where a test's model lies in the store. */
export interface Stored {
  readonly model: string;
  /** The model digest, hex. */
  readonly digest: string;
}

/** A store of its own for one test, and ways to do it harm. */
export interface StoreUnderTest extends StoreAddress {
  /** Changes the stored bytes of a file of the model. */
  changeFile(at: Stored, file: string): Promise<void>;
  /** Removes a file of the model from the store. */
  removeFile(at: Stored, file: string): Promise<void>;
  /** Replaces the text that describes the entry. */
  describeAnew(at: Stored, text: string): Promise<void>;
  /** Whether a put that is under way has stored something, so that a kill now hits it in the middle. */
  hasBegun(at: Stored): Promise<boolean>;
  close(): Promise<void>;
}

/** What a test can do with a kind of store, or why it makes no sense there. */
export type Ability<T> = { readonly use: T } | { readonly cannot: string };

export type Direction = 'up' | 'down';

/** Breaks connections. */
export interface Cutter {
  /** The connection breaks when this many more bytes, heads of messages included, went that way. */
  readonly cut: (direction: Direction, afterBytes: number) => void;
  /** Bytes that went that way in all. */
  readonly moved: (direction: Direction) => number;
}

/** What differs between kinds of stores. */
export interface StoreKind<T extends StoreUnderTest = StoreUnderTest> {
  readonly scheme: StoreScheme;
  readonly fresh: () => Promise<T>;
  /** Of several puts at once exactly one says that it created the entry; else at least one does. */
  readonly oneWinner: boolean;
  /** Files of the large model that is put and fetched; a benchmark has the full 100,000. */
  readonly manyFiles: number;
  /** The longest path in a model that the store takes, in bytes. */
  readonly longestPath: number;
  /** Names that the store cannot hold, each with words of the refusal. */
  readonly refusedNames: Readonly<Record<string, RegExp>>;
  /** The same store for somebody who may not write there. */
  readonly refuseWriting: Ability<(store: T) => Promise<StoreAddress>>;
  /** The same store for somebody who may not read there. */
  readonly refuseReading: Ability<(store: T) => Promise<StoreAddress>>;
  /** Puts a file of this size where there is less room; returns what the refusal has to say. */
  readonly fill: Ability<{ readonly bytes: number; readonly fileLimitKb: number; readonly says: RegExp }>;
  /** A description of more bytes than anybody should read. */
  readonly describeHugely: Ability<(store: T, at: Stored) => Promise<void>>;
  readonly cutter: Ability<(store: T) => Cutter>;
  /** Whether a download goes on where it broke off. */
  readonly resumes: boolean;
}

/** Files of a model by path. */
export type ModelFiles = Readonly<Record<string, string | Buffer>>;

/** One test's store, scratch folder and log. */
export class Bench<T extends StoreUnderTest = StoreUnderTest> {
  readonly store: T;
  readonly scratch: string;
  readonly lines: string[] = [];
  #models = 0;

  private constructor(store: T, scratch: string) {
    this.store = store;
    this.scratch = scratch;
  }

  static async with<T extends StoreUnderTest>(
    { fresh }: StoreKind<T>,
    body: (bench: Bench<T>) => Promise<void>,
  ): Promise<void> {
    const scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-contract-'));
    const store = await fresh();
    try {
      await body(new Bench(store, scratch));
    } finally {
      await store.close();
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** Opens the store anew, as another step would. */
  open(signal?: AbortSignal, address: StoreAddress = this.store): Store {
    const log: Log = { ...silentLog, info: (line) => void this.lines.push(line) };
    return openAt(address, { log, signal });
  }

  /** Writes a model folder with random bytes in one file, so that no two are the same. */
  async model(files: ModelFiles = { weights: 'w'.repeat(5000), 'deep/info.json': '{}' }): Promise<MadeModel> {
    const folder = path.join(this.scratch, `model-${++this.#models}`);
    const all: ModelFiles = { ...files, 'zz-id': randomBytes(8).toString('hex') };
    for (const name of new Set(Object.keys(all).map((file) => path.dirname(file))))
      await mkdir(path.join(folder, name), { recursive: true });
    for (const [name, content] of Object.entries(all)) await writeFile(path.join(folder, name), content);
    return { modelPath: folder, at: { model: 'm', digest: (await digestModel(folder)).sha256 }, files: all };
  }

  /** An empty folder that nothing is in yet. */
  destination(): Promise<string> {
    return mkdtemp(path.join(this.scratch, 'fetched-'));
  }
}

/** A model on disk and what it consists of. */
export interface MadeModel {
  readonly modelPath: string;
  readonly at: Stored;
  readonly files: ModelFiles;
}

/** The digest of a fetched model. */
export const digestOf = async (modelPath: string): Promise<string> => (await digestModel(modelPath)).sha256;

export const textOf = async (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readFile(file, 'utf8');
