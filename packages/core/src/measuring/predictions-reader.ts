import * as path from 'node:path';
import type { ActionContext } from '../action/context.ts';
import { isUserError } from '../action/errors.ts';
import { insideWorkspace, type GivenPath } from '../action/paths.ts';
import { installDuckdb } from '../data/duckdb-install.ts';
import { expandFiles, type DataFile, type FileSet } from '../data/files.ts';
import { formatOf } from '../data/format.ts';
import { readPredictions, type Predictions, type ReadPredictionsOptions } from '../data/predictions.ts';
import type { Rows } from '../gate/match.ts';
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
    const files = await expandFiles([path.basename(file)], {
      base: path.dirname(file),
      what,
      inside: async (one) => path.join(path.dirname(file), one),
    });
    return this.#read(files, what);
  }

  /**
   * Ids and labels of a test set's rows that have a label; undefined where its files are no tables or have no such
   * columns. Rows without a label, such as cancelled flights, cannot be predicted.
   */
  async readLabels(files: readonly DataFile[]): Promise<Rows | undefined> {
    if (!files.every(({ path: name }) => isTable(name))) return undefined;
    const { id = 'id', label = 'label' } = this.#settings.columns;
    const table = await this.#table(files, { only: new Set([id, label]) });
    const [idColumn, labelColumn] = [table.columns.get(id), table.columns.get(label)];
    if (idColumn === undefined || labelColumn === undefined) return undefined;
    const labels = labelColumn.texts();
    const known = labels.flatMap((text, row) => (text === null ? [] : [row]));
    const ids = idColumn.texts();
    const texts = known.map((row) => labels[row] as string);
    return {
      ids: known.map((row) => ids[row] ?? ''),
      label: texts.every(isNumber) ? Float64Array.from(texts, Number) : texts,
    };
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
    const { env, directory, log, signal } = this.#context;
    const given = this.#settings.duckdbPath ?? (env['SLUICE_DUCKDB_PATH'] || undefined);
    this.#binding ??= installDuckdb({ given, env, directory, log, signal });
    const binding = await this.#binding;
    return readPredictions(files, { binding, temporary: env['RUNNER_TEMP'], ...options });
  }
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
