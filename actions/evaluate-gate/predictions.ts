import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import type { ColumnsConfig } from '@sluice/core/gate/columns.ts';
import { installDuckdb } from '@sluice/core/data/duckdb-install.ts';
import { expandFiles, type DataFile, type FileSet } from '@sluice/core/data/files.ts';
import { formatOf } from '@sluice/core/data/format.ts';
import {
  readPredictions,
  type PredictionColumn,
  type Predictions,
  type ReadPredictionsOptions,
} from '@sluice/core/data/predictions.ts';
import { groupsOf } from '@sluice/core/gate/groups.ts';
import { repeatedId, type Rows } from '@sluice/core/gate/match.ts';
import { arrangeRepeats, foldColumn, foldRepeats } from '@sluice/core/gate/repeat-rows.ts';
import type { Ids } from '@sluice/core/gate/row-index.ts';
import { classKey, type Sample, type Values } from '@sluice/core/gate/sample.ts';
import type { Reason } from './definition.ts';
import type { GateSettings, GivenPath } from './inputs.ts';
import { UNTRUSTED_LIMITS, UNTRUSTED_MEMORY, refuseUnsafeFile } from './untrusted.ts';

/** A predictions file with its columns told apart. */
export interface LoadedPredictions {
  readonly sample: Sample;
  /** Absent without an id column. */
  readonly ids?: Ids;
  readonly column: (name: string) => readonly (string | null)[] | undefined;
  /** sha256 (hex) of the files. */
  readonly digest: string;
  /** sha256 (hex) of each file. */
  readonly fileDigests: readonly string[];
}

/** The columns of a predictions file, before it is told from other files. */
type Columns = Omit<LoadedPredictions, 'digest' | 'fileDigests'>;

/** Reads predictions files; the engine is fetched with the first one. */
export class PredictionsReader {
  readonly #context: ActionContext;
  readonly #settings: GateSettings;
  #binding: Promise<string> | undefined;

  constructor(context: ActionContext, settings: GateSettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** Reads the candidate's predictions; what a fork's run left is held at arm's length. */
  async readCandidate(given: GivenPath): Promise<LoadedPredictions> {
    if (!this.#settings.fromFork) return this.readGiven(given);
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
      label: texts.every((text) => NUMBER.test(text)) ? Float64Array.from(texts, Number) : texts,
    };
  }

  async #read(
    files: FileSet,
    what: string,
    options: ReadPredictionsOptions = {},
  ): Promise<LoadedPredictions> {
    const table = await this.#table(files.files, options);
    return {
      ...loaded(table, this.#settings, what),
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
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Tells the columns of a predictions table apart. Throws UserError naming the column or row at fault. */
export function loaded(
  table: Predictions,
  { columns, positiveClass }: Pick<GateSettings, 'columns' | 'positiveClass'>,
  what: string,
): Columns {
  const find = columnFinder(table, columns, what);
  const label = find('label');
  if (label === undefined) throw noColumn('label', 'label', table, what);
  const prediction = find('prediction');
  const id = find('id');
  const ids = id === undefined ? undefined : present(id, table, what);
  const query = columns.query === undefined ? undefined : find('query');
  const latency = find('latency');
  const sample: Sample = {
    rows: table.rows,
    label: values(label, table, what),
    ...(prediction === undefined ? {} : { prediction: values(prediction, table, what) }),
    ...scores(table, find('score'), positiveClass),
    ...(query === undefined ? {} : { queries: groupsOf(textsOf(query, table, what)) }),
    ...(latency === undefined ? {} : { latency: latency.numbers() }),
    ...(positiveClass === undefined ? {} : { positive: positiveClass }),
  };
  const column = (name: string): readonly (string | null)[] | undefined => table.columns.get(name)?.texts();
  const repeat = columns.repeat === undefined ? undefined : find('repeat');
  if (repeat !== undefined) {
    const names = textsOf(repeat, table, what);
    return folded({ sample, column, ...(ids === undefined ? {} : { ids }) }, names, what);
  }
  const repeated = ids === undefined ? undefined : repeatedId(ids);
  if (repeated !== undefined) {
    throw new UserError<Reason>(
      'duplicate-id',
      `${what}: the id '${repeated}' occurs twice. Write each row of the test set once, name another id column in gate.columns, or name under columns.repeat the column that tells its predictions apart.`,
    );
  }
  return { sample, column, ...(ids === undefined ? {} : { ids }) };
}

/** One row per id, which several rows predict. */
function folded({ sample, ids, column }: Columns, repeats: readonly string[], what: string): Columns {
  if (ids === undefined) {
    throw new UserError<Reason>(
      'unreadable-data',
      `${what} has no id column, so it is not known which rows are repeats of the same. Write one, or name it under columns.id.`,
    );
  }
  const rows = arrangeRepeats(
    Array.from({ length: ids.length }, (_, row) => ids.at(row) as string),
    repeats,
    what,
  );
  return {
    sample: foldRepeats(sample, rows, what),
    ids: rows.ids,
    column: (name) => {
      const cells = column(name);
      return cells === undefined ? undefined : foldColumn(cells, rows, `${what}, column '${name}'`);
    },
  };
}

/** For each row of the candidate what columns.cluster holds; undefined when it is not set or there are no rows. */
export function readClusters(
  predictions: LoadedPredictions | undefined,
  { cluster }: ColumnsConfig,
): readonly string[] | undefined {
  if (predictions === undefined || cluster === undefined) return undefined;
  const texts = predictions.column(cluster);
  const row = texts?.indexOf(null) ?? -1;
  if (texts !== undefined && row < 0) {
    needWholeQueries(predictions.sample, texts as readonly string[], cluster);
    return texts as readonly string[];
  }
  const problem = texts === undefined ? 'there is no such column' : `row ${row + 1} has no value`;
  throw new UserError<Reason>(
    'unreadable-data',
    `columns.cluster is '${cluster}', but in the predictions of the candidate ${problem}. Write a value in every row, or remove columns.cluster.`,
  );
}

/** The rows of a query are ranked together, so that they cannot be of several clusters. */
function needWholeQueries({ queries }: Sample, clusters: readonly string[], name: string): void {
  const clusterOf = new Map<number, string>();
  queries?.of.forEach((query, row) => {
    const cluster = clusters[row] as string;
    const known = clusterOf.get(query) ?? cluster;
    clusterOf.set(query, known);
    if (known === cluster) return;
    throw new UserError<Reason>(
      'unreadable-data',
      `columns.cluster is '${name}', but the query of row ${row + 1} has rows of the clusters '${known}' and '${cluster}'. All rows of a query have to be of one cluster.`,
    );
  });
}

/** Where a column is usually called otherwise than its role. */
const USUAL: Partial<Record<keyof ColumnsConfig, string>> = { latency: 'latency-ms' };

/** A column that gate.columns names must be there; one that only has its usual name may be missing. */
function columnFinder(
  table: Predictions,
  names: ColumnsConfig,
  what: string,
): (role: keyof ColumnsConfig) => PredictionColumn | undefined {
  return (role) => {
    const column = table.columns.get(names[role] ?? USUAL[role] ?? role);
    if (column === undefined && names[role] !== undefined && names[role] !== role) {
      throw noColumn(role, names[role], table, what);
    }
    return column;
  };
}

function noColumn(role: string, name: string, table: Predictions, what: string): UserError {
  return new UserError<Reason>(
    'unreadable-data',
    `${what} has no column '${name}' for the ${role}; it has ${[...table.columns.keys()].join(', ')}. Write that column, or map its name in gate.columns (columns: {${role}: …}).`,
  );
}

const NUMBER = /^\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf|infinity)\s*$/i;

/** A column of numbers as numbers, anything else as class names. */
function values(given: PredictionColumn, table: Predictions, what: string): Values {
  const column = present(given, table, what);
  return column.everyText((text) => NUMBER.test(text)) ? column.numbers() : (column.texts() as string[]);
}

function textsOf(column: PredictionColumn, table: Predictions, what: string): readonly string[] {
  return present(column, table, what).texts() as readonly string[];
}

/** The column itself when it has a value in every row. */
function present(column: PredictionColumn, table: Predictions, what: string): PredictionColumn {
  for (let row = 0; row < column.length; row++) {
    if (!column.isMissing(row)) continue;
    const place = table.place(row);
    throw new UserError<Reason>(
      'unreadable-data',
      `${what}: column '${column.name}' has no value in row ${place.row} of ${place.file.path}. Write a value in every row.`,
    );
  }
  return column;
}

/** `score`, or `score_<class>` columns; of two classes the positive one's column is the score. */
function scores(
  table: Predictions,
  score: PredictionColumn | undefined,
  positive: string | undefined,
): Pick<Sample, 'score' | 'classScores'> {
  if (score !== undefined) return { score: score.numbers() };
  const byClass = new Map(
    [...table.columns.values()]
      .filter((column) => column.name.startsWith('score_'))
      .map((column) => [classKey(column.name.slice('score_'.length)), column.numbers()]),
  );
  if (byClass.size === 0) return {};
  const own = byClass.size === 2 ? byClass.get(positive ?? (byClass.has('1') ? '1' : 'true')) : undefined;
  return { classScores: byClass, ...(own === undefined ? {} : { score: own }) };
}
