import { UserError } from '../action/errors.ts';
import type { PredictionColumn, Predictions } from '../data/predictions.ts';
import type { ColumnsConfig } from '../gate/columns.ts';
import { groupsOf } from '../gate/groups.ts';
import { repeatedId } from '../gate/match.ts';
import { arrangeRepeats, foldColumn, foldRepeats } from '../gate/repeat-rows.ts';
import type { Ids } from '../gate/row-index.ts';
import { classKey, type Sample, type Values } from '../gate/sample.ts';

/** How columns are called, and which label counts as positive. */
export interface ColumnSettings {
  readonly columns: ColumnsConfig;
  readonly positiveClass?: string;
}

/** The columns of a predictions file, told apart. */
export interface PredictionColumns {
  readonly sample: Sample;
  /** Absent without an id column. */
  readonly ids?: Ids;
  readonly column: (name: string) => readonly (string | null)[] | undefined;
}

/** Tells the columns of a predictions table apart. Throws UserError naming the column or row at fault. */
export function tellColumns(
  table: Predictions,
  { columns, positiveClass }: ColumnSettings,
  what: string,
): PredictionColumns {
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
    throw new UserError(
      'duplicate-id',
      `${what}: the id '${repeated}' occurs twice. Write each row of the test set once, name another id column in gate.columns, or name under columns.repeat the column that tells its predictions apart.`,
    );
  }
  return { sample, column, ...(ids === undefined ? {} : { ids }) };
}

/** One row per id, which several rows predict. */
function folded(
  { sample, ids, column }: PredictionColumns,
  repeats: readonly string[],
  what: string,
): PredictionColumns {
  if (ids === undefined) {
    throw new UserError(
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
  return new UserError(
    'unreadable-data',
    `${what} has no column '${name}' for the ${role}; it has ${[...table.columns.keys()].join(', ')}. Write that column, or map its name in gate.columns (columns: {${role}: …}).`,
  );
}

const NUMBER = /^\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf|infinity)\s*$/i;

/** Whether a text is a number as tables write it. */
export function isNumber(text: string): boolean {
  return NUMBER.test(text);
}

/** A column of numbers as numbers, anything else as class names. */
function values(given: PredictionColumn, table: Predictions, what: string): Values {
  const column = present(given, table, what);
  return column.everyText(isNumber) ? column.numbers() : (column.texts() as string[]);
}

function textsOf(column: PredictionColumn, table: Predictions, what: string): readonly string[] {
  return present(column, table, what).texts() as readonly string[];
}

/** The column itself when it has a value in every row. */
function present(column: PredictionColumn, table: Predictions, what: string): PredictionColumn {
  for (let row = 0; row < column.length; row++) {
    if (!column.isMissing(row)) continue;
    const place = table.place(row);
    throw new UserError(
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
