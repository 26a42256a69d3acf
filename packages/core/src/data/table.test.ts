import { gzipSync } from 'node:zlib';
import * as path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dataFolder, fileSet, writeParquet } from '@sluice/testing/data.ts';
import { openData, type Table } from './table.ts';
import type { DataFormat } from './format.ts';

type Rows = (string | null)[][];

async function read(
  content: string | Buffer,
  name = 'a.csv',
  format?: DataFormat,
): Promise<{ rows: Rows; table: Table }> {
  const folder = await dataFolder({ [name]: content });
  const { files } = await fileSet(folder, name);
  const data = await openData([{ name: 'data', files }], { format });
  try {
    const table = data.tables[0] as Table;
    const list = table.columns.map((c) => c.sql).join(', ');
    const found = await data.database.columns(`SELECT ${list} FROM ${table.relation} ORDER BY g`);
    const rows = Array.from({ length: table.rows }, (_, i) => found.map((c) => c[i] as string | null));
    return { rows, table };
  } finally {
    await data.close();
  }
}

const badLines = (table: Table): (number | string)[][] => table.bad.map((b) => [b.line, b.row, b.problem]);

describe('CSV', () => {
  it('keeps every value as it is written', async () => {
    const { rows, table } = await read('id,n\n007,1.9\n1_000, 2\n"",x""y\n');
    expect(table.columns.map((c) => c.name)).toEqual(['id', 'n']);
    expect(rows).toEqual([
      ['007', '1.9'],
      ['1_000', ' 2'],
      [null, 'x""y'],
    ]);
  });

  it('finds ragged lines behind the first 20,480 and leaves the others whole', async () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i},a`);
    lines[25_000] = '25000';
    lines[25_001] = '25001,a,b';
    const { rows, table } = await read(`id,v\n${lines.join('\n')}\n`);
    expect(badLines(table)).toEqual([
      [25_002, 25_001, 'has 1 fields, the header has 2'],
      [25_003, 25_002, 'has 3 fields, the header has 2'],
    ]);
    expect(rows).toHaveLength(29_998);
    expect(rows[25_000]).toEqual(['25002', 'a']);
    expect(table.place(25_000)).toMatchObject({ row: 25_003, line: 25_004 });
  });

  it('does not take 1,000 narrow rows for the layout of 29,000 wide ones', async () => {
    const content = 'a,b\n' + '1\n'.repeat(1000) + '1,2\n'.repeat(29_000);
    const { rows, table } = await read(content);
    expect([rows.length, table.bad.length]).toEqual([29_000, 1000]);
  });

  it.each([
    ['a byte-order mark and CRLF', '\uFEFFa,b\r\n1,2\r\n3,4\r\n'],
    ['mixed line ends', 'a,b\r\n1,2\n3,4\r'],
    ['no end of the last line', 'a,b\n1,2\n3,4'],
    ['empty lines at the end', 'a,b\n1,2\n3,4\n\n\n'],
    ['semicolons', 'a;b\n1;2\n3;4\n'],
    ['tabs', 'a\tb\n1\t2\n3\t4\n'],
  ])('reads %s', async (_name, content) => {
    const { rows, table } = await read(content);
    expect(rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(table.bad).toEqual([]);
    expect(table.columns.map((c) => c.name)).toEqual(['a', 'b']);
  });

  it('counts lines through quoted line breaks, delimiters and quotes', async () => {
    const { rows, table } = await read('a,b\n1,"x\r\ny, z"\n2,"he said ""no"""\n3\n4,d\n');
    expect(rows).toEqual([
      ['1', 'x\r\ny, z'],
      ['2', 'he said "no"'],
      ['4', 'd'],
    ]);
    expect(badLines(table)).toEqual([[5, 3, 'has 1 fields, the header has 2']]);
    expect(table.place(1)).toMatchObject({ row: 2, line: 4 });
    expect(table.place(2)).toMatchObject({ row: 4, line: 6 });
  });

  it('reports broken quotes, empty lines and bytes that are not UTF-8', async () => {
    const content = Buffer.concat([
      Buffer.from('a,b\n1,"x"y\n\n'),
      Buffer.from([0xff]),
      Buffer.from(',2\n3,4\n5,"open\n6,7\n'),
    ]);
    const { rows, table } = await read(content);
    expect(rows).toEqual([['3', '4']]);
    expect(badLines(table)).toEqual([
      [2, 1, 'has text behind a closing quote'],
      [3, 2, 'is empty'],
      [4, 3, 'is not UTF-8 text'],
      [6, 5, 'opens a quote that is never closed'],
    ]);
  });

  it('reads gzip and a given dialect', async () => {
    const zipped = await read(gzipSync('a,b\n1,2\n'), 'a.csv.gz');
    expect(zipped.rows).toEqual([['1', '2']]);
    const dialect = { delimiter: '|', quote: "'", escape: '\\' };
    const { rows } = await read("a|b\n'it\\'s | it'|2\n", 'a.csv', { type: 'csv', dialect });
    expect(rows).toEqual([["it's | it", '2']]);
  });

  it('does not take the first row of a short file for its header', async () => {
    const { rows, table } = await read('a\n1,2\n3,4\n');
    expect([rows, table.bad.length, table.columns.map((c) => c.name)]).toEqual([[], 2, ['a']]);
  });

  it.each([
    ['an empty file', '', /is empty/],
    ['a repeated name', 'a,b,a\n1,2,3\n', /column 'a' twice/],
    ['a header that is not text', Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00]), /not UTF-8/],
  ])('refuses %s', async (_name, content, message) => {
    await expect(read(content)).rejects.toThrow(message);
  });

  it('gives back any table as it was written, whatever the cells hold', async () => {
    const cell = fc.oneof(
      fc.stringMatching(/^[a-z0-9 .'\\é|;\t-]{1,8}$/),
      fc.constantFrom('a,b', 'x\ny', 'q"q', '"', 'a\r\nb', '\r'),
    );
    const anyTable = fc
      .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 0, max: 12 }))
      .chain(([width, height]) =>
        fc.tuple(
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
            minLength: height,
            maxLength: height,
          }),
          fc.constantFrom('\n', '\r\n'),
          fc.array(fc.nat({ max: 20 }), { maxLength: 3 }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(anyTable, async ([cells, newline, raggedAt]) => {
        const width = cells[0]?.length ?? 2;
        const quoted = cells.map((row) => row.map((c) => `"${c.replaceAll('"', '""')}"`).join(','));
        const ragged = new Set(raggedAt.filter((i) => i < quoted.length));
        const lines = quoted.map((line, i) => (ragged.has(i) ? `${line},surplus` : line));
        const header = Array.from({ length: width }, (_, i) => `h${i}`).join(',');
        const { rows, table } = await read([header, ...lines, ''].join(newline), 'a.csv', {
          type: 'csv',
          dialect: { delimiter: ',' },
        });
        const kept = cells.map((row, i) => ({ row, number: i + 1 })).filter((_, i) => !ragged.has(i));
        expect(rows).toEqual(kept.map((k) => k.row));
        expect(table.bad.map((b) => b.row)).toEqual([...ragged].map((i) => i + 1).sort((a, b) => a - b));
        expect(kept.map((_, g) => table.place(g).row)).toEqual(kept.map((k) => k.number));
      }),
      { numRuns: 30 },
    );
  });
});

describe('JSON Lines', () => {
  it('keeps text and type apart, counts null and absent as missing, reports what is no object', async () => {
    const content = '{"a":"1","b":1.0}\n\n{"a":null}\n[1]\n{"b":NaN}\n{"a":7,"c/d":true}\n';
    const { rows, table } = await read(content, 'a.jsonl');
    expect(table.columns.map((c) => c.name)).toEqual(['a', 'b', 'c/d']);
    expect(rows).toEqual([
      ['1', '1.0', null],
      [null, null, null],
      ['7', null, 'true'],
    ]);
    expect(badLines(table)).toEqual([
      [4, 3, 'is not a JSON object'],
      [5, 4, 'is not JSON (NaN and Infinity are not; write null)'],
    ]);
    expect(table.place(2)).toMatchObject({ row: 5, line: 6 });
  });
});

describe('Parquet', () => {
  it('reads several files as one set, by name', async () => {
    const folder = await dataFolder({});
    await writeParquet(path.join(folder, '1.parquet'), 'SELECT 1 AS x, true AS y');
    await writeParquet(
      path.join(folder, '2.parquet'),
      'SELECT false AS y, 2.5::DOUBLE AS x UNION ALL SELECT true, 3',
    );
    const { files } = await fileSet(folder, '*.parquet');
    const data = await openData([{ name: 'train', files }], {});
    const table = data.tables[0] as Table;
    expect(table.columns.map((c) => [c.name, c.types])).toEqual([
      ['x', ['INTEGER', 'DOUBLE']],
      ['y', ['BOOLEAN', 'BOOLEAN']],
    ]);
    expect(await data.database.columns(`SELECT g, c0, c1 FROM ${table.relation} ORDER BY g`)).toEqual([
      [0n, 1n, 2n],
      [1, 2.5, 3],
      [true, false, true],
    ]);
    expect(table.place(2)).toMatchObject({ row: 2, file: { path: '2.parquet' } });
    await data.close();
  });

  it('numbers the rows of many files of the same and of other schemas', async () => {
    const folder = await dataFolder({});
    for (let i = 0; i < 9; i++) {
      const type = i === 4 ? 'DOUBLE' : 'INTEGER';
      const rows = `SELECT (${i} * 10 + range)::${type} AS x${i > 6 ? ', 1 AS y' : ''} FROM range(${i % 4})`;
      await writeParquet(path.join(folder, `${i}.parquet`), rows);
    }
    const { files } = await fileSet(folder, '*.parquet');
    const data = await openData([{ name: 'train', files }], {});
    const table = data.tables[0] as Table;
    const found = await data.database.rows(`SELECT g, c0 FROM ${table.relation} ORDER BY g`);
    expect(found.map((row) => Number(row['g']))).toEqual(found.map((_, i) => i));
    const places = found.map((row) => {
      const { file, row: at } = table.place(Number(row['g']));
      return Number(file.path.charAt(0)) * 10 + at - 1;
    });
    expect(places).toEqual(found.map((row) => row['c0']));
    expect(table.rows).toBe(12);
    expect(table.gaps.map((gap) => gap.file.path)).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `${i}.parquet`));
    await data.close();
  });

  it('names the broken one of many files, and a column name that is taken', async () => {
    const folder = await dataFolder({ '2.parquet': 'no', '4.parquet': '' });
    await writeParquet(path.join(folder, '1.parquet'), 'SELECT 1 AS x');
    await writeParquet(path.join(folder, '3.parquet'), 'SELECT 1 AS File_Index');
    const open = async (...names: string[]): Promise<unknown> =>
      openData([{ name: 'train', files: (await fileSet(folder, ...names)).files }], {});
    await expect(open('1.parquet', '2.parquet')).rejects.toThrow(/^2\.parquet cannot be read/);
    await expect(open('4.parquet')).rejects.toMatchObject({ reasonCode: 'unreadable-data' });
    await expect(open('3.parquet')).rejects.toThrow(/column 'File_Index'.*Rename/);
  });

  it('refuses a file that is none', async () => {
    await expect(read('id,a\n1,2\n', 'a.parquet')).rejects.toMatchObject({ reasonCode: 'unreadable-data' });
  });
});

describe('what a query may reach', () => {
  it('is the files of the data set and nothing else', async () => {
    const folder = await dataFolder({ 'a.csv': 'a\n1\n', 'secret.csv': 'a\n1\n' });
    const data = await openData([{ name: 'data', files: (await fileSet(folder, 'a.csv')).files }], {});
    const secret = path.join(folder, 'secret.csv');
    await expect(data.database.rows(`SELECT * FROM read_text('${secret}')`)).rejects.toThrow(/disabled/);
    await expect(data.database.run(`COPY (SELECT 1) TO '${folder}/out.csv'`)).rejects.toThrow(/disabled/);
    await expect(data.database.run('SET enable_external_access=true')).rejects.toThrow();
    await expect(data.database.run("INSTALL 'httpfs'")).rejects.toThrow();
    await data.close();
  });
});
