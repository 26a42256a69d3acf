import { sha256 } from '../digest/files.ts';
import type { DataFile } from './files.ts';
import { openData, type OpenDataOptions, type Table } from './table.ts';
import { textOf } from './values.ts';

/**
 * sha256 (hex) over the rows of a data set, each value as it is written: the same rows in another order, in other files, with
 * the columns in another order, with blank lines, other line ends or packed have the same digest. What cannot be used as a
 * record does not count. Throws UserError where the files are no tables, or not of one format.
 */
export async function digestRows(files: readonly DataFile[], options: OpenDataOptions): Promise<string> {
  const { database, tables, close } = await openData([{ name: 'rows', files }], options);
  try {
    const { relation, columns, rows } = tables[0] as Table;
    const sorted = [...columns].sort((a, b) => Number(a.name > b.name) - Number(a.name < b.name));
    const cells = sorted.map((column) => {
      const text = textOf(column);
      // With its length before it, so that no two rows have the same text.
      return `coalesce(concat(strlen(${text}), ':', ${text}), '-')`;
    });
    const row = `concat(${["''", ...cells].join(', ')})`;
    const [sums] = await database.rows(
      `SELECT CAST(sum(md5_number_lower(${row})) AS VARCHAR) AS lower, CAST(sum(md5_number_upper(${row})) AS VARCHAR) AS upper FROM ${relation}`,
    );
    return sha256(JSON.stringify([sorted.map(({ name }) => name), rows, sums?.['lower'], sums?.['upper']]));
  } finally {
    await close();
  }
}
