import * as path from 'node:path';
import type { ActionContext } from '../action/context.ts';
import { isUserError } from '../action/errors.ts';
import { insideWorkspace, type GivenPath } from '../action/paths.ts';
import { installDuckdb } from '../data/duckdb-install.ts';
import { expandFiles, type DataFile, type FileSet } from '../data/files.ts';
import { formatOf } from '../data/format.ts';
import { digestRows } from '../data/rows-digest.ts';
import { sha256 } from '../digest/files.ts';
import { countSampled, sampleRows, type RowSample } from '../data/row-sample.ts';
import type { SampledRows } from '../gate/training-rows.ts';
import {
  readPredictions,
  type PredictionColumn,
  type Predictions,
  type ReadPredictionsOptions,
} from '../data/predictions.ts';
import type { TestRows } from '../gate/held-rows.ts';
import type { Values } from '../gate/sample.ts';
import { isNumber, tellColumns, type ColumnSettings, type PredictionColumns } from './prediction-columns.ts';
import { UNTRUSTED_LIMITS, UNTRUSTED_MEMORY, refuseUnsafeFile } from './untrusted-file.ts';

/** What a predictions file says, and which file it is. */
export interface LoadedPredictions extends PredictionColumns {
  /** sha256 (hex) of the files. */
  readonly digest: string;
  /** sha256 (hex) of each file. */
  readonly fileDigests: readonly string[];
}

/** How predictions files are read. */
export interface ReaderSettings extends ColumnSettings {
  /** Where the engine is; without it, it is looked for and fetched. */
  readonly duckdbPath?: string;
}

/** Reads predictions files; the engine is fetched with the first one. */
export class PredictionsReader {
  readonly #context: ActionContext;
  readonly #settings: ReaderSettings;
  #binding: Promise<string> | undefined;

  constructor(context: ActionContext, settings: ReaderSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** Reads a file that a run left which anybody may have written: at arm's length. */
  async readUntrusted(given: GivenPath): Promise<LoadedPredictions> {
    await refuseUnsafeFile(this.#context.workspace, given);
    return this.readGiven(given, { limits: UNTRUSTED_LIMITS, memory: UNTRUSTED_MEMORY });
  }

  /** Reads files that a user named; they must lie in the workspace. */
  async readGiven(
    { what, given, base }: GivenPath,
    options: ReadPredictionsOptions = {},
  ): Promise<LoadedPredictions> {
    const { workspace } = this.#context;
    const files = await expandFiles([given], {
      base,
      what,
      inside: (one) => insideWorkspace(workspace, base, one, { what, kind: 'file' }),
    });
    return this.#read(files, what, options);
  }

  /** Reads one file of the suite's own: from the store, or one that `evaluate` was told to write. */
  async readFile(file: string, what: string): Promise<LoadedPredictions> {
    return this.#read(await ownFile(file, what), what);
  }

  /**
   * Ids and labels of a test set's rows that have a label, as far as its files are tables with columns for them. Rows
   * without a label, such as cancelled flights, cannot be predicted.
   */
  async readTestRows(files: readonly DataFile[]): Promise<TestRows> {
    const other = files.find(({ path: name }) => !isTable(name));
    if (other !== undefined) {
      return { kind: 'unread', why: `Its rows could not be compared: ${other.path} is no table.` };
    }
    const { id = 'id', label = 'label' } = this.#settings.columns;
    try {
      const table = await this.#table(files, { only: new Set([id, label]) });
      return testRowsOf(table, { id, label });
    } catch (error) {
      if (!isUserError(error) || !UNREADABLE.includes(error.reasonCode)) throw error;
      return { kind: 'unread', why: `Its rows could not be compared: ${error.message}` };
    }
  }

  /** What identifies a test set, whatever its files are called: its rows; where its files are no tables, their bytes. */
  async digestTestSet(files: readonly DataFile[]): Promise<string> {
    try {
      if (files.every(({ path: name }) => isTable(name)))
        return await digestRows(files, await this.#engine());
    } catch (error) {
      if (!isUserError(error) || !['unreadable-data', 'bad-input'].includes(error.reasonCode)) throw error;
    }
    return sha256(JSON.stringify(files.map((file) => file.sha256).sort()));
  }

  /** The rows of a file of the suite's own, as far as it is a table. */
  async readRows(file: string): Promise<TestRows> {
    return this.readTestRows((await ownFile(file, 'stored predictions')).files);
  }

  /** A sample of the rows of a table; undefined, with a line in the log, where it cannot be read as one. */
  async sampleRows(files: readonly DataFile[]): Promise<RowSample | undefined> {
    return this.#ifReadable(files, async () => sampleRows(files, await this.#engine()));
  }

  /** How many rows of a table are among sampled ones; undefined where it cannot be told. */
  async countSampled(
    files: readonly DataFile[],
    sample: Pick<RowSample, 'columns' | 'sample'>,
  ): Promise<SampledRows | undefined> {
    return this.#ifReadable(files, async () => countSampled(files, sample, await this.#engine()));
  }

  async #ifReadable<T>(files: readonly DataFile[], read: () => Promise<T>): Promise<T | undefined> {
    if (files.length === 0 || !files.every(({ path: name }) => isTable(name))) return undefined;
    try {
      return await read();
    } catch (error) {
      if (!isUserError(error) || !UNREADABLE.includes(error.reasonCode)) throw error;
      this.#context.log.info(`Rows were not compared: ${error.message}`);
      return undefined;
    }
  }

  async #read(
    files: FileSet,
    what: string,
    options: ReadPredictionsOptions = {},
  ): Promise<LoadedPredictions> {
    const table = await this.#table(files.files, options);
    return {
      ...tellColumns(table, this.#settings, what),
      digest: files.digest,
      fileDigests: files.files.map((file) => file.sha256),
    };
  }

  async #table(files: readonly DataFile[], options: ReadPredictionsOptions): Promise<Predictions> {
    return readPredictions(files, { ...(await this.#engine()), ...options });
  }

  async #engine(): Promise<Pick<ReadPredictionsOptions, 'binding' | 'temporary'>> {
    const { env, directory, log, signal } = this.#context;
    const given = this.#settings.duckdbPath ?? (env['SLUICE_DUCKDB_PATH'] || undefined);
    this.#binding ??= installDuckdb({ given, env, directory, log, signal });
    return { binding: await this.#binding, temporary: env['RUNNER_TEMP'] };
  }
}

/** Why a file cannot be read as a table. */
const UNREADABLE: readonly string[] = ['unreadable-data', 'bad-input', 'no-rows'];

function ownFile(file: string, what: string): Promise<FileSet> {
  const base = path.dirname(file);
  return expandFiles([path.basename(file)], { base, what, inside: async (one) => path.join(base, one) });
}

/** Columns stay where they are: ten million ids as texts of their own would take more memory than all else. */
function testRowsOf(table: Predictions, names: { readonly id: string; readonly label: string }): TestRows {
  const [ids, labels] = [table.columns.get(names.id), table.columns.get(names.label)];
  const isKnown = (row: number): boolean => labels?.isMissing(row) !== true;
  const known = Uint32Array.from({ length: table.rows }, (_, row) => row).filter(isKnown);
  return {
    kind: 'read',
    rows: known.length,
    names,
    ...(ids === undefined
      ? {}
      : { ids: { length: known.length, at: (row: number) => ids.at(known[row] as number) ?? '' } }),
    ...(labels === undefined ? {} : { label: labelsOf(labels, known) }),
  };
}

function labelsOf(column: PredictionColumn, rows: Uint32Array): Values {
  if (column.everyText(isNumber)) {
    const numbers = column.numbers();
    return rows.length === numbers.length
      ? numbers
      : Float64Array.from(rows, (row) => numbers[row] as number);
  }
  const texts = column.texts();
  return Array.from(rows, (row) => texts[row] as string);
}

function isTable(file: string): boolean {
  try {
    formatOf(file);
    return true;
  } catch (error) {
    if (isUserError(error)) return false;
    throw error;
  }
}
