import * as path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dataFolder, fileSet, writeParquet } from '@sluice/testing/data.ts';
import { checkTable } from './check.ts';
import { contractSchema, type Contract } from './contract-schema.ts';
import { notMatching } from './patterns.ts';
import type { RuleResult } from './rule-result.ts';
import { openData, type Table } from './table.ts';

type Object = Record<string, unknown>;

const contract = (properties: Object[], quality: Object[] = []): Contract =>
  contractSchema.parse({
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: 'test',
    version: '1.0.0',
    status: 'active',
    schema: [{ name: 'data', properties, quality }],
  });

async function check(folder: string, name: string, rules: Contract, samples = 0): Promise<RuleResult[]> {
  const data = await openData([{ name: 'data', files: (await fileSet(folder, name)).files }], {});
  try {
    return await checkTable(data.database, data.tables[0] as Table, rules, { samples });
  } finally {
    await data.close();
  }
}

async function checkCsv(content: string, rules: Contract, samples = 0): Promise<RuleResult[]> {
  return check(await dataFolder({ 'a.csv': content }), 'a.csv', rules, samples);
}

/** Verdict, count and rows of one rule. */
function found(results: readonly RuleResult[], id: string): [string, number | undefined, number[]] {
  const result = results.find((r) => r.id === id);
  if (result === undefined) throw new Error(`no rule ${id} among ${results.map((r) => r.id).join(', ')}`);
  return [result.verdict, result.count, result.places.map((p) => p.row)];
}

const column = (values: (string | number)[]): string => `x\n${values.join('\n')}\n`;

describe('types of text', () => {
  it.each([
    ['integer', ['1', '-7', '007', '517.0'], ['1.9', '1_000', ' 2', '1e3', 'nan', '0x1']],
    ['number', ['1', '.5', '-1.', '1e-3'], ['1;5', 'NaN', 'inf', '1_0', ' 1', '1e999', '--1']],
    ['boolean', ['true', 'False', 'TRUE'], ['0', 'yes', 'T']],
    ['date', ['2013-02-28'], ['2013-02-29', '13-01-01', '2013-1-1', '01/02/2013', '2013-01-01T00:00:00']],
    [
      'timestamp',
      ['2013-01-01T10:00:00Z', '2013-01-01 10:00', '2013-01-01T10:00:00.5+02:00'],
      ['2013-01-01', '2013-01-01T25:00:00Z'],
    ],
    ['time', ['23:59', '10:00:00.25'], ['24:01', '9:00']],
  ])('%s', async (logicalType, good, bad) => {
    const results = await checkCsv(column([...good, ...bad]), contract([{ name: 'x', logicalType }]));
    expect(found(results, 'x.type')).toEqual(['fail', bad.length, bad.map((_, i) => good.length + i + 1)]);
  });

  it('finds 1.9 in an integer column at row 30,000', async () => {
    const values = Array.from({ length: 40_000 }, (_, i) => (i === 29_999 ? '1.9' : String(i)));
    const results = await checkCsv(column(values), contract([{ name: 'x', logicalType: 'integer' }]));
    expect(found(results, 'x.type')).toEqual(['fail', 1, [30_000]]);
    expect(results.find((r) => r.id === 'x.type')?.places[0]?.line).toBe(30_001);
  });

  it('reads a date in a given format', async () => {
    const rules = contract([
      { name: 'x', logicalType: 'date', logicalTypeOptions: { format: 'dd/MM/yyyy', minimum: '2013-01-01' } },
    ]);
    const results = await checkCsv(column(['31/12/2012', '01/01/2013', '13/13/2013', '2013-01-01']), rules);
    expect(found(results, 'x.type')).toEqual(['fail', 2, [3, 4]]);
    expect(found(results, 'x.minimum')).toEqual(['fail', 1, [1]]);
  });
});

describe('formats of dates', () => {
  it.each([
    ['timestamp', "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", '2013-01-01T02:00:00.500+02:00', '2013-01-01T02:00:00'],
    ['timestamp', 'yyyyMMddHHmmXX', '201301010200+0230', '201301010200+02:30'],
    ['timestamp', 'yyyyMMddHHmmX', '201301010200Z', '201301010200+0230'],
    ['timestamp', 'dd.MM.yyyy HH:mm', '31.12.2013 23:59', '31.12.2013'],
    ['time', 'HHmm', '2359', '2460'],
    ['date', 'yyyyMMdd', '20130228', '20130230'],
  ])('%s %s', async (logicalType, format, good, bad) => {
    const rules = contract([{ name: 'x', logicalType, logicalTypeOptions: { format } }]);
    expect(found(await checkCsv(column([good, bad]), rules), 'x.type')).toEqual(['fail', 1, [2]]);
  });

  it('bounds are compared in UTC', async () => {
    const logicalTypeOptions = { format: 'yyyy-MM-dd HH:mm:ssXXX', minimum: '2013-01-01T00:00:00Z' };
    const rules = contract([{ name: 'x', logicalType: 'timestamp', logicalTypeOptions }]);
    const values = ['2013-01-01 01:59:59+02:00', '2013-01-01 02:00:00+02:00'];
    expect(found(await checkCsv(column(values), rules), 'x.minimum')).toEqual(['fail', 1, [1]]);
    const packed = { ...logicalTypeOptions, format: 'yyyyMMddHHmmXX' };
    const packedRules = contract([{ name: 'x', logicalType: 'timestamp', logicalTypeOptions: packed }]);
    const packedValues = ['201301010229+0230', '201301010230+0230', '201301010000Z', '201212312359Z'];
    const results = await checkCsv(column(packedValues), packedRules);
    expect(found(results, 'x.minimum')).toEqual(['fail', 2, [1, 4]]);
    expect(found(results, 'x.type')).toEqual(['pass', 0, []]);
  });
});

describe('types of Parquet and JSON', () => {
  it('are those of the file; NaN and infinity are no numbers', async () => {
    const folder = await dataFolder({});
    await writeParquet(
      path.join(folder, 'a.parquet'),
      "SELECT unnest([1.0, 'nan'::DOUBLE, 'inf'::DOUBLE, 2.5, NULL]) AS d, unnest(['1', '2', '3', '4', NULL]) AS s, unnest([1, 2, 3, 4, NULL]) AS i",
    );
    const typed = (name: string, logicalType: string): Object => ({ name, logicalType });
    const number = await check(
      folder,
      'a.parquet',
      contract([typed('d', 'number'), typed('s', 'integer'), typed('i', 'number')]),
    );
    expect(found(number, 'd.type')).toEqual(['fail', 2, [2, 3]]);
    expect(found(number, 's.type')).toEqual(['fail', 4, [1, 2, 3, 4]]);
    expect(found(number, 'i.type')).toEqual(['pass', 0, []]);
    const integer = await check(folder, 'a.parquet', contract([typed('d', 'integer'), typed('s', 'string')]));
    expect(found(integer, 'd.type')).toEqual(['fail', 3, [2, 3, 4]]);
    expect(found(integer, 's.type')).toEqual(['pass', 0, []]);
  });

  it('tell a text from a number in JSON Lines', async () => {
    const folder = await dataFolder({ 'a.jsonl': '{"x":1,"y":"a"}\n{"x":"1","y":2}\n{"x":1.5,"y":null}\n' });
    const results = await check(
      folder,
      'a.jsonl',
      contract([
        { name: 'x', logicalType: 'integer' },
        { name: 'y', logicalType: 'string', required: true },
      ]),
    );
    expect(found(results, 'x.type')).toEqual(['fail', 2, [2, 3]]);
    expect(found(results, 'y.type')).toEqual(['fail', 1, [2]]);
    expect(found(results, 'y.required')).toEqual(['fail', 1, [3]]);
  });
});

describe('options', () => {
  it.each([
    ['number', { minimum: 0 }, ['-0.1', '0', '1'], [1]],
    ['number', { exclusiveMinimum: 0 }, ['0', '1'], [1]],
    ['number', { maximum: 1 }, ['1', '1.1', ''], [2]],
    ['number', { exclusiveMaximum: 1 }, ['1', '0.9'], [1]],
    ['number', { multipleOf: 0.1 }, ['0.3', '0.35', '1'], [2]],
    ['integer', { format: 'i8' }, ['127', '128', '-128', '-129'], [2, 4]],
    ['integer', { format: 'u64' }, ['18446744073709551615', '18446744073709551616', '-1'], [2, 3]],
    ['string', { minLength: 2 }, ['a', 'ab', ''], [1]],
    ['string', { maxLength: 2 }, ['äöü', 'äö', '🙂🙂'], [1]],
    ['string', { pattern: '^[A-Z]{2}$' }, ['AA', 'AAA', 'aa', ''], [2, 3]],
    ['string', { pattern: 'b(?!c)' }, ['abd', 'abc', 'x'], [2, 3]],
    ['string', { format: 'email' }, ['a@b.org', 'a@b', 'x'], [2, 3]],
    ['string', { format: 'ipv4' }, ['127.0.0.1', '256.0.0.1'], [2]],
    ['string', { format: 'uuid' }, ['123e4567-e89b-12d3-a456-426614174000', '123'], [2]],
    ['date', { minimum: '2013-01-01' }, ['2012-12-31', '2013-01-01'], [1]],
    [
      'timestamp',
      { exclusiveMaximum: '2013-01-01T00:00:00Z' },
      ['2013-01-01T01:00:00+02:00', '2013-01-01T00:00:00Z'],
      [2],
    ],
  ])('%s %j', async (logicalType, logicalTypeOptions, values, rows) => {
    const id = `x.${Object.keys(logicalTypeOptions)[0] ?? ''}`;
    const content = `x,n\n${values.map((v, i) => `${v},${i}`).join('\n')}\n`;
    const results = await checkCsv(content, contract([{ name: 'x', logicalType, logicalTypeOptions }]));
    expect(found(results, id)).toEqual(['fail', rows.length, rows]);
    expect(found(results, 'x.type')[0]).toBe('pass');
  });

  it('leaves NaN inside no bound', async () => {
    const folder = await dataFolder({});
    await writeParquet(path.join(folder, 'a.parquet'), "SELECT unnest([1, 'nan'::DOUBLE, 200]) AS x");
    const options = { minimum: 0, maximum: 100 };
    const results = await check(
      folder,
      'a.parquet',
      contract([{ name: 'x', logicalType: 'number', logicalTypeOptions: options }]),
    );
    expect(found(results, 'x.minimum')).toEqual(['fail', 1, [2]]);
    expect(found(results, 'x.maximum')).toEqual(['fail', 2, [2, 3]]);
  });

  it('gives up on a pattern that never ends', () => {
    expect(() => notMatching('^(a+)+$', [`${'a'.repeat(60)}b`], 100)).toThrow(
      /takes longer than 0.1 s on 1 values/,
    );
  });
});

describe('rules that cannot be judged', () => {
  const property = (rest: Object): Contract => contract([{ name: 'x', ...rest }]);
  it.each<[string, Contract, RegExp]>([
    [
      'an unknown metric',
      property({ quality: [{ metric: 'nulValues', mustBe: 0 }] }),
      /Did you mean 'nullValues'/,
    ],
    [
      'an unknown operator',
      property({ quality: [{ metric: 'nullValues', mustBeBelow: 0 }] }),
      /key 'mustBeBelow' is not known/,
    ],
    [
      'two operators',
      property({ quality: [{ metric: 'nullValues', mustBeGreaterThan: 0, mustBeLessThan: 9 }] }),
      /exactly one operator/,
    ],
    ['no operator', property({ quality: [{ metric: 'nullValues' }] }), /found none/],
    [
      'SQL',
      property({ quality: [{ type: 'sql', query: 'SELECT 1', mustBe: 0 }] }),
      /type 'sql' is not executed/,
    ],
    [
      'another engine',
      property({ quality: [{ type: 'custom', engine: 'soda', implementation: 'x' }] }),
      /type 'custom' is not/,
    ],
    [
      'an unknown unit',
      property({ quality: [{ metric: 'nullValues', mustBe: 0, unit: 'promille' }] }),
      /unit 'promille'/,
    ],
    [
      'an unknown option',
      property({ logicalType: 'integer', logicalTypeOptions: { max: 3 } }),
      /option 'max' is not known for integer/,
    ],
    ['an option without a type', property({ logicalTypeOptions: { maximum: 3 } }), /without logicalType/],
    [
      'a broken pattern',
      property({ logicalType: 'string', logicalTypeOptions: { pattern: '(' } }),
      /not a regular expression/,
    ],
    [
      'an unknown format',
      property({ logicalType: 'string', logicalTypeOptions: { format: 'iban' } }),
      /format 'iban'/,
    ],
    [
      'a date format with an unknown letter',
      property({ logicalType: 'date', logicalTypeOptions: { format: 'EEE yyyy' } }),
      /cannot be read/,
    ],
    [
      'a bound that is no date',
      property({ logicalType: 'date', logicalTypeOptions: { minimum: 'today' } }),
      /minimum is 'today'/,
    ],
    [
      'a valid-values list that is none',
      property({ quality: [{ metric: 'invalidValues', arguments: { validValues: 'a' }, mustBe: 0 }] }),
      /has to be a list/,
    ],
    [
      'a misplaced row count',
      property({ quality: [{ metric: 'rowCount', mustBe: 1 }] }),
      /belongs under the object/,
    ],
    ['nested properties', property({ logicalType: 'object', properties: [] }), /nested column/],
  ])('%s is an error', async (_name, rules, message) => {
    const errors = (await checkCsv(column([1]), rules)).filter((r) => r.verdict === 'error');
    expect(errors.map((r) => r.message)).toEqual([expect.stringMatching(message)]);
    expect(errors[0]?.path).toEqual(expect.arrayContaining(['schema', 0, 'properties', 0]));
  });

  it('prose is listed and never passes', async () => {
    const results = await checkCsv(
      column([1]),
      property({ quality: [{ type: 'text', description: 'Is nice.' }] }),
    );
    expect(results.find((r) => r.kind === 'text')?.verdict).toBe('info');
  });

  it('an object that sets no rule is an error', async () => {
    const results = await checkCsv(column([1]), contract([], [{ type: 'text', description: 'Is nice.' }]));
    expect(results.filter((r) => r.verdict === 'error').map((r) => r.message)).toEqual([
      expect.stringMatching(/sets no rule for 'data'/),
    ]);
  });

  it('a data set without an object of its name is an error', async () => {
    const rules = contractSchema.parse({ ...contract([]), schema: [{ name: 'train' }, { name: 'test' }] });
    expect(await checkCsv(column([1]), rules)).toMatchObject([
      {
        verdict: 'error',
        message: expect.stringMatching(/no object called 'data'; it has: train, test/) as unknown,
      },
    ]);
  });
});

describe('presence', () => {
  it('names the missing column and how much depends on it; others are listed', async () => {
    const results = await checkCsv(
      'x,y\n1,2\n',
      contract([{ name: 'x' }, { name: 'z', required: true, unique: true }]),
    );
    const missing = results.find((r) => r.id === 'z.presence');
    expect(missing).toMatchObject({
      verdict: 'fail',
      message: expect.stringMatching(/what 2 other rules need/) as unknown,
    });
    expect(results.find((r) => r.id === 'y.unexpected')?.verdict).toBe('info');
  });

  it('follows physicalName', async () => {
    const results = await checkCsv(
      'tail_no\nN1\n',
      contract([{ name: 'tail', physicalName: 'tail_no', required: true }]),
    );
    expect(results.filter((r) => r.verdict !== 'pass')).toEqual([]);
  });
});

describe('metrics', () => {
  const ages = '1\n2\n2\n3\n3\n3\n3\n4\n4\n""\n';
  const quality = (...entries: Object[]): Contract => contract([{ name: 'x', quality: entries }]);

  it.each([
    [{ mustBe: 5 }, 'pass'],
    [{ mustNotBe: 5 }, 'fail'],
    [{ mustBeGreaterThan: 5 }, 'fail'],
    [{ mustBeGreaterOrEqualTo: 5 }, 'pass'],
    [{ mustBeLessThan: 5 }, 'fail'],
    [{ mustBeLessOrEqualTo: 5 }, 'pass'],
    [{ mustBeBetween: [5, 9] }, 'pass'],
    [{ mustNotBeBetween: [0, 5] }, 'fail'],
    [{ mustBe: 50, unit: 'percent' }, 'pass'],
    [{ mustBeLessThan: 50, unit: 'percent', severity: 'warning' }, 'warn'],
  ])('duplicateValues %j', async (operator, verdict) => {
    const results = await checkCsv(`x\n${ages}`, quality({ metric: 'duplicateValues', ...operator }));
    const rows = verdict === 'pass' ? [] : [3, 5, 6, 7, 9];
    expect(found(results, 'x.duplicateValues')).toEqual([verdict, 5, rows]);
  });

  it('count null, missing and invalid values over all rows', async () => {
    const results = await checkCsv(
      'x,y\na,\nN/A,1\nb,2\nz,\n',
      contract([
        {
          name: 'x',
          quality: [
            { metric: 'missingValues', arguments: { missingValues: [null, 'N/A'] }, mustBe: 0 },
            { metric: 'invalidValues', arguments: { validValues: ['a', 'b'] }, mustBe: 0 },
            {
              id: 'tolerant',
              metric: 'invalidValues',
              arguments: { validValues: ['a', 'b'], missingValues: ['N/A'] },
              mustBeLessOrEqualTo: 25,
              unit: 'percent',
            },
            { id: 'shape', metric: 'invalidValues', arguments: { pattern: '^[a-z]$' }, mustBe: 0 },
          ],
        },
        {
          name: 'y',
          quality: [
            { metric: 'nullValues', mustBe: 50, unit: 'percent' },
            { id: 'one', metric: 'invalidValues', arguments: { validValues: [1] }, mustBe: 0 },
          ],
        },
      ]),
    );
    expect(found(results, 'x.missingValues')).toEqual(['fail', 1, [2]]);
    expect(found(results, 'x.invalidValues')).toEqual(['fail', 2, [2, 4]]);
    expect(found(results, 'x.tolerant')).toEqual(['pass', 1, []]);
    expect(found(results, 'x.shape')).toEqual(['fail', 1, [2]]);
    expect(found(results, 'y.nullValues')).toEqual(['pass', 2, []]);
    expect(found(results, 'y.one')).toEqual(['fail', 1, [3]]);
  });

  it('judge keys over several columns, in the order of their positions, and rows', async () => {
    const results = await checkCsv(
      'a,b\n1,1\n1,2\n01,1\n,1\n,1\n',
      contract(
        [
          { name: 'a', logicalType: 'integer', primaryKey: true, primaryKeyPosition: 2 },
          { name: 'b', logicalType: 'integer', primaryKey: true, primaryKeyPosition: 1 },
        ],
        [
          { metric: 'duplicateValues', arguments: { properties: ['a', 'b'] }, mustBe: 1 },
          { metric: 'rowCount', mustBeBetween: [6, 9] },
        ],
      ),
    );
    expect(found(results, 'b+a.primaryKey')).toEqual(['fail', 1, [3]]);
    expect(found(results, 'a.required')).toEqual(['fail', 2, [4, 5]]);
    expect(found(results, 'duplicateValues')).toEqual(['pass', 1, []]);
    expect(found(results, 'rowCount')).toEqual(['fail', 5, []]);
  });

  it('agree with a naive count on any table', async () => {
    const cell = fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: '' });
    const tables = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        const results = await checkCsv(
          `x,y\n${rows.map((r) => r.join(',')).join('\n')}\n`,
          contract(
            [{ name: 'x', required: true, unique: true }, { name: 'y' }],
            [{ metric: 'duplicateValues', arguments: { properties: ['x', 'y'] }, mustBe: 0 }],
          ),
        );
        const repeats = (keys: (string | null)[]): number[] =>
          keys.flatMap((key, i) => (key !== null && keys.indexOf(key) < i ? [i + 1] : []));
        const nulls = rows.flatMap(([x], i) => (x === '' ? [i + 1] : []));
        const single = repeats(rows.map(([x]) => (x === '' ? null : x)));
        const pairs = repeats(rows.map(([x, y]) => (x === '' || y === '' ? null : `${x}|${y}`)));
        const expected = (list: number[]): unknown[] => [
          list.length === 0 ? 'pass' : 'fail',
          list.length,
          list.slice(0, 10),
        ];
        expect(found(results, 'x.required')).toEqual(expected(nulls));
        expect(found(results, 'x.unique')).toEqual(expected(single));
        expect(found(results, 'duplicateValues')).toEqual(expected(pairs));
      }),
      { numRuns: 40 },
    );
  });
});

describe('cell values', () => {
  const rules = contract([
    { name: 'x', logicalType: 'integer' },
    { name: 'email', logicalType: 'integer', classification: 'PII' },
  ]);
  const content = 'x,email\nbad-x,me@example.org\n1,2\nworse,3\n';

  it('are nowhere unless asked for', async () => {
    expect(JSON.stringify(await checkCsv(content, rules))).not.toMatch(/bad-x|worse|example/);
  });

  it('are shown when asked for, but not of sensitive columns', async () => {
    const results = await checkCsv(content, rules, 1);
    expect(results.find((r) => r.id === 'x.type')?.samples).toEqual(['bad-x']);
    expect(results.find((r) => r.id === 'email.type')?.samples).toBeUndefined();
  });
});
