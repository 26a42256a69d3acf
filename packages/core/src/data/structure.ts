import type { RuleSet } from './contract.ts';
import { FIRST_ROWS, formatCount, type RuleResult } from './rule-result.ts';
import type { Table } from './table.ts';

/** What is checked of every data set, whatever the contract says: readable records, the same columns in every file. */
export function structureResults(table: Table, set: Pick<RuleSet, 'columns'> | undefined): RuleResult[] {
  const unexpected = set === undefined ? [] : table.columns.filter((column) => !set.columns.has(column.name));
  return [
    records(table),
    ...table.gaps.map(({ file, column }): RuleResult => ({
      id: `file-columns.${column}`,
      dataSet: table.name,
      column,
      kind: 'file-columns',
      verdict: 'fail',
      severity: 'fail',
      places: [],
      message: `${file.path} has no column '${column}', which other files of the data set have.`,
    })),
    ...unexpected.map((column): RuleResult => ({
      id: `${column.name}.unexpected`,
      dataSet: table.name,
      column: column.name,
      kind: 'unexpected-column',
      verdict: 'info',
      severity: 'warn',
      places: [],
      message: `The column '${column.name}' is not in the contract; nothing was checked of it.`,
    })),
  ];
}

function records(table: Table): RuleResult {
  const all = table.rows + table.bad.length;
  const base = {
    id: 'records',
    dataSet: table.name,
    kind: 'records',
    severity: 'fail',
    count: table.bad.length,
  } as const;
  const first = table.bad[0];
  if (first === undefined) {
    return {
      ...base,
      verdict: 'pass',
      share: 0,
      places: [],
      message: `All ${formatCount(all)} records can be read.`,
    };
  }
  return {
    ...base,
    verdict: 'fail',
    share: table.bad.length / all,
    places: table.bad.slice(0, FIRST_ROWS).map(({ file, row, line }) => ({ file, row, line })),
    message: `${formatCount(table.bad.length)} of ${formatCount(all)} records cannot be read; the first one ${first.problem}. They were left out of every other rule.`,
  };
}
