import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import MarkdownIt from 'markdown-it';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { parse } from 'yaml';
import { ROOT, runStep, type StepResult } from '@sluice/testing/action.ts';
import { writeParquet } from '@sluice/testing/data.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: flights
    quality:
      - {metric: rowCount, mustBeGreaterThan: 3}
    properties:
      - {name: id, logicalType: integer, required: true, primaryKey: true}
      - name: carrier
        logicalType: string
        required: true
        quality:
          - {id: known-carriers, metric: invalidValues, arguments: {validValues: [AA, UA]}, mustBe: 0}
      - {name: distance, logicalType: integer, logicalTypeOptions: {minimum: 1, maximum: 6000}}
`;
const GOOD = 'id,carrier,distance\n1,AA,100\n2,UA,200\n3,AA,300\n4,UA,\n';

async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
  const workspace = await temporaryFolder('validate');
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(workspace, name)), { recursive: true });
    await writeFile(path.join(workspace, name), content);
  }
  return workspace;
}

async function validate(
  files: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult & { workspace: string }> {
  const workspace = await checkout({ 'contract.odcs.yaml': CONTRACT, ...files });
  const given = { contract: 'contract.odcs.yaml', data: 'data.csv', ...inputs };
  return { ...(await runStep('validate-data', { workspace, inputs: given })), workspace };
}

interface Rule {
  readonly id: string;
  readonly verdict: string;
  readonly count?: number;
  readonly 'first-rows': number[];
  readonly where?: { file: string; line?: number };
}

const rulesOf = (step: StepResult): Rule[] => step.result['rules'] as Rule[];
const failed = (step: StepResult): unknown[] =>
  rulesOf(step)
    .filter((rule) => rule.verdict !== 'pass' && rule.verdict !== 'info')
    .map((rule) => [rule.id, rule.verdict, rule.count, rule['first-rows'], rule.where]);

describe('good data', () => {
  it('passes, with profile, evidence and a result that fits its schema', async () => {
    const step = await validate({ 'data.csv': GOOD });
    expect(step.stdout).toMatch(/validate-data: All \d+ rules hold for 4 rows in 1 file\./);
    expect([step.code, step.outputs['decision'], step.outputs['reason-code']]).toEqual([0, 'pass', 'ok']);
    expect([step.outputs['rows'], step.outputs['failed-rules']]).toEqual(['4', '[]']);
    const schema = JSON.parse(
      await readFile(path.join(ROOT, 'schemas/validate-data.result.schema.json'), 'utf8'),
    ) as object;
    const valid = new Ajv2020({ strict: false }).compile(schema);
    expect([valid(step.result), valid.errors]).toEqual([true, null]);
    const profile = JSON.parse(await readFile(step.outputs['profile'] ?? '', 'utf8')) as object;
    expect(profile).toMatchObject({
      kind: 'sluice-data-profile',
      data: [
        {
          name: 'data',
          rows: 4,
          columns: [{ name: 'id', mean: 2.5 }, { values: { AA: 2, UA: 2 } }, { missing: 1, max: 300 }],
        },
      ],
    });
    const evidence = JSON.parse(await readFile(step.outputs['evidence'] ?? '', 'utf8')) as object;
    expect(evidence).toMatchObject({
      subject: [{ name: 'data.csv', digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown } }],
      predicate: { result: 'PASSED', configuration: [{ name: 'contract.odcs.yaml' }], failedTests: [] },
    });
    expect(step.summary).toMatch(/^### The model passes its data checks\n\n\*\*All \d+ rules hold/);
  });

  it('is the same from Parquet and JSON Lines, in named sets, and on every run', async () => {
    const lines = '{"id":1,"carrier":"AA","distance":1}\n'.repeat(4).split('\n').slice(0, 4);
    const workspace = await checkout({
      'contract.odcs.yaml': CONTRACT,
      'test.jsonl': lines.map((line, i) => line.replace('"id":1', `"id":${i}`)).join('\n'),
    });
    await writeParquet(
      path.join(workspace, 'train.parquet'),
      "SELECT range::INTEGER AS id, 'AA' AS carrier, 100 AS distance FROM range(5)",
    );
    const inputs = { contract: 'contract.odcs.yaml', data: 'train: train.parquet\ntest: test.jsonl' };
    const first = await runStep('validate-data', { workspace, inputs });
    const second = await runStep('validate-data', { workspace, inputs });
    expect([first.code, first.outputs['rows']]).toEqual([0, '9']);
    expect(first.result['data']).toMatchObject([
      { name: 'train', files: ['train.parquet'], rows: 5 },
      { name: 'test', files: ['test.jsonl'], rows: 4 },
    ]);
    expect(second.outputs['result']).toBe(first.outputs['result']);
    expect(second.summary).toBe(first.summary);
  });
});

describe('a project with sluice.yaml in a folder of the checkout', () => {
  it('needs no input; paths are relative to the file, annotations to the checkout', async () => {
    const workspace = await checkout({
      'project/sluice.yaml':
        'version: 1\nmodel: delays\ndata: {contract: rules/c.yaml, train: data/*.csv, test: [test.jsonl]}\n',
      'project/rules/c.yaml': CONTRACT,
      'project/data/1.csv': GOOD,
      'project/data/2.csv': 'id,carrier,distance\n5,AA,1\n6,ZZ,1\n',
      'project/test.jsonl': '{"id":1,"carrier":"AA","distance":null}\n'.repeat(4),
    });
    const step = await runStep('validate-data', { workspace, inputs: { 'working-directory': 'project' } });
    expect(step.result).toMatchObject({
      model: 'delays',
      data: [
        { name: 'train', files: ['data/1.csv', 'data/2.csv'], rows: 6 },
        { name: 'test', files: ['test.jsonl'], rows: 4 },
      ],
    });
    expect(failed(step)).toEqual([
      ['carrier.known-carriers', 'fail', 1, [2], { file: 'data/2.csv', line: 3 }],
      ['id.primaryKey', 'fail', 3, [2, 3, 4], { file: 'test.jsonl', line: 2 }],
    ]);
    const places = step.annotations.map(({ properties }) => [properties['file'], properties['line']]);
    expect(places.slice(0, 2)).toEqual([
      ['project/data/2.csv', '3'],
      ['project/test.jsonl', '2'],
    ]);
    expect(step.outputs['evidence']).toBe(
      path.join(workspace, 'project/.sluice/evidence/validate-data.json'),
    );
  });
});

describe('broken data', () => {
  it('fails and says which rows: a shifted column, a new carrier, duplicates, ragged lines', async () => {
    const rows = ['1,AA,100', '2,XX,200', '2,UA,200', 'UA,4,300', '5,AA', '6,AA,1,2', '7,AA,0', '8,,9'];
    const step = await validate({ 'data.csv': `id,carrier,distance\n${rows.join('\n')}\n` });
    expect([step.code, step.outputs['decision'], step.outputs['reason-code']]).toEqual([
      1,
      'fail',
      'contract-violated',
    ]);
    const at = (line: number): object => ({ file: 'data.csv', line });
    expect(failed(step)).toEqual([
      ['records', 'fail', 2, [5, 6], at(6)],
      ['id.type', 'fail', 1, [4], at(5)],
      ['carrier.required', 'fail', 1, [8], at(9)],
      ['carrier.known-carriers', 'fail', 2, [2, 4], at(3)],
      ['distance.minimum', 'fail', 1, [7], at(8)],
      ['id.primaryKey', 'fail', 1, [3], at(4)],
    ]);
    expect(JSON.parse(step.outputs['failed-rules'] ?? '')).toHaveLength(6);
    expect(
      step.annotations
        .filter((a) => a.level === 'warning')
        .map((a) => [a.properties['file'], a.properties['line']]),
    ).toContainEqual(['data.csv', '6']);
    expect(step.annotations.at(-1)).toMatchObject({
      level: 'error',
      properties: { title: 'validate-data: fail' },
    });
    expect(step.summary).toMatch(/`carrier\.known-carriers`.*`data\.csv` lines 3, 5/);
    const shown = [step.stdout, step.summary, step.outputs['result']].join();
    expect(shown).not.toMatch(/XX/);
    const evidence = JSON.parse(await readFile(step.outputs['evidence'] ?? '', 'utf8')) as object;
    expect(evidence).toMatchObject({
      predicate: {
        result: 'FAILED',
        failedTests: expect.arrayContaining(['data: id.primaryKey']) as unknown,
      },
    });
  });

  it('finds 1.9 in an integer column at row 30,000 and nothing else', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => `${i},AA,${i === 29_999 ? '1.9' : '100'}`);
    const step = await validate({ 'data.csv': `id,carrier,distance\n${rows.join('\n')}\n` });
    expect(failed(step)).toEqual([
      ['distance.type', 'fail', 1, [30_000], { file: 'data.csv', line: 30_001 }],
    ]);
  });

  it('is unreadable-data when only records are broken', async () => {
    const step = await validate({ 'data.csv': `${GOOD}5,AA\n` });
    expect([step.code, step.outputs['reason-code']]).toEqual([1, 'unreadable-data']);
  });

  it('cannot inject markdown, workflow commands or SQL by names and values', async () => {
    const nasty = '::error::x|<b>@octocat"; DROP TABLE t0; --';
    const contract = CONTRACT.replace('name: distance', `name: ${JSON.stringify(nasty)}`);
    const step = await validate({
      'contract.odcs.yaml': contract,
      'data.csv': `id,carrier,"${nasty.replaceAll('"', '""')}"\n1,AA,x\n2,AA,1\n3,AA,1\n4,AA,1\n`,
    });
    expect(failed(step)).toEqual([[`${nasty}.type`, 'fail', 1, [1], { file: 'data.csv', line: 2 }]]);
    expect(step.annotations.map((a) => a.level)).toEqual(['warning', 'error']);
    const html = new MarkdownIt({ html: true }).render(step.summary);
    expect(html).not.toMatch(/<b>/);
    expect(html).toContain('<code>::error::x|&lt;b&gt;@octocat&quot;; DROP TABLE t0; --.type</code>');
  });

  it('shows cell values only when asked for', async () => {
    const step = await validate({ 'data.csv': GOOD.replace('2,UA', '2,ZZ') }, { samples: '2' });
    expect(step.result['rules']).toContainEqual(
      expect.objectContaining({ id: 'carrier.known-carriers', samples: ['ZZ'] }),
    );
  });

  it('warns by severity', async () => {
    const contract = CONTRACT.replace('mustBe: 0}', 'mustBe: 0, severity: warning}');
    const step = await validate({ 'contract.odcs.yaml': contract, 'data.csv': GOOD.replace('2,UA', '2,ZZ') });
    expect([step.code, step.outputs['decision'], step.outputs['reason-code']]).toEqual([
      0,
      'warn',
      'contract-violated',
    ]);
  });
});

describe('the contract', () => {
  it('with a rule that is not understood is an error that names the line, and no pass', async () => {
    const contract = CONTRACT.replace('metric: rowCount', 'metric: rowCounts');
    const step = await validate({ 'contract.odcs.yaml': contract, 'data.csv': GOOD });
    expect([step.code, step.outputs['decision'], step.outputs['reason-code']]).toEqual([
      1,
      'error',
      'unknown-rule',
    ]);
    expect(step.annotations[0]).toMatchObject({
      message: expect.stringMatching(/Did you mean 'rowCount'/) as unknown,
      properties: { file: 'contract.odcs.yaml', line: '9' },
    });
  });

  it('that is missing is suggested, and the step is red', async () => {
    const workspace = await checkout({ 'data.csv': GOOD });
    const step = await runStep('validate-data', { workspace, inputs: { data: 'data.csv' } });
    expect([step.code, step.outputs['decision'], step.outputs['reason-code']]).toEqual([
      1,
      'error',
      'contract-suggested',
    ]);
    const suggested = '.sluice/suggested-contract.odcs.yaml';
    expect(await readFile(path.join(workspace, suggested), 'utf8')).toMatch(/name: distance/);
    const again = await runStep('validate-data', {
      workspace,
      inputs: { data: 'data.csv', contract: suggested },
    });
    expect(again.outputs['decision']).toBe('pass');
    expect(step.result['message']).toContain('the job summary has all of it');
    const blocks = [...step.summary.matchAll(/^```text\n([\s\S]*?)\n```$/gm)].map(([, text]) => text ?? '');
    expect(`${blocks[0]}\n`).toBe(await readFile(path.join(workspace, suggested), 'utf8'));
    expect(parse(blocks[1] ?? '')).toMatchObject([
      { if: 'failure()', with: { path: suggested, 'include-hidden-files': true } },
    ]);
  });

  it('that is suggested for a CSV with the index of pandas is one that the step takes', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},${i % 9}.5,${i % 7}\n`).join('');
    const workspace = await checkout({ 'data.csv': `,cost,distance\n${rows}` });
    await runStep('validate-data', { workspace, inputs: { data: 'data.csv' } });
    const contract = '.sluice/suggested-contract.odcs.yaml';
    const step = await runStep('validate-data', { workspace, inputs: { data: 'data.csv', contract } });
    expect([step.result['message'], step.outputs['decision']]).toEqual([expect.anything(), 'pass']);
  });

  it('that is suggested holds for the data it came from, whatever the types', async () => {
    const workspace = await checkout({});
    const columns =
      "1.5 * range AS a, range AS b, DATE '2013-01-01' + range::INTEGER AS c, range % 2 = 0 AS d, 'x' || range AS e, TIMESTAMP '2013-01-01' AS f, [range] AS h, nullif(range, 3)::DOUBLE AS i";
    await writeParquet(path.join(workspace, 'a.parquet'), `SELECT ${columns} FROM range(50)`);
    const inputs = { data: 'a.parquet' };
    await runStep('validate-data', { workspace, inputs });
    const contract = '.sluice/suggested-contract.odcs.yaml';
    const step = await runStep('validate-data', { workspace, inputs: { ...inputs, contract } });
    expect([step.result['message'], step.outputs['decision']]).toEqual([expect.anything(), 'pass']);
    const text = await readFile(path.join(workspace, contract), 'utf8');
    const types = [...text.matchAll(/- name: (\w)\n(?:(?!\s+- name).*\n)*?\s+logicalType: (\w+)/g)].map(
      ([, n, t]) => `${n} ${t}`,
    );
    expect(types).toEqual([
      'a number',
      'b integer',
      'c date',
      'd boolean',
      'e string',
      'f timestamp',
      'i integer',
    ]);
  });
});

describe('drift', () => {
  it('is measured against a saved profile or data, and warns', async () => {
    const rows = (shift: number): string =>
      `id,carrier,distance\n${Array.from({ length: 400 }, (_, i) => `${i},AA,${i + shift}`).join('\n')}\n`;
    const workspace = await checkout({
      'contract.odcs.yaml': CONTRACT,
      'a.csv': rows(1),
      'b.csv': rows(300),
    });
    const inputs = { contract: 'contract.odcs.yaml' };
    const before = await runStep('validate-data', {
      workspace,
      inputs: { ...inputs, data: 'a.csv', profile: 'a.json' },
    });
    expect(before.outputs['decision']).toBe('pass');
    for (const reference of ['a.json', 'a.csv']) {
      const same = await runStep('validate-data', {
        workspace,
        inputs: { ...inputs, data: 'a.csv', reference },
      });
      expect(same.outputs['decision']).toBe('pass');
      const moved = await runStep('validate-data', {
        workspace,
        inputs: { ...inputs, data: 'b.csv', reference },
      });
      expect([moved.code, moved.outputs['decision'], moved.outputs['reason-code']]).toEqual([
        0,
        'warn',
        'drift',
      ]);
      expect(moved.summary).toMatch(/#### Drift[\s\S]*`distance`[^\n]*psi/);
    }
  });
});

describe('bad input', () => {
  const config = (text: string): Record<string, string> => ({ 'sluice.yaml': text, 'data.csv': GOOD });

  it.each<[string, Record<string, string>, Record<string, string>, string, RegExp]>([
    [
      'a misspelt key',
      config('version: 1\ndata: {contracts: x}\n'),
      {},
      'bad-config',
      /sluice\.yaml:2:8.*Did you mean 'contract'/,
    ],
    ['a wrong type', config('version: 1\ndata: {train: 7}\n'), {}, 'bad-config', /sluice\.yaml:2:8/],
    ['an empty sluice.yaml', config(''), {}, 'bad-config', /sluice\.yaml is empty/],
    ['a missing data file', {}, { data: 'none.csv' }, 'missing-file', /none\.csv/],
    ['a glob that matches nothing', {}, { data: 'none/*.csv' }, 'missing-file', /matches no file/],
    ['an empty file', { 'data.csv': '' }, {}, 'unreadable-data', /is empty/],
    [
      'a directory',
      { 'folder/x.csv': GOOD },
      { data: 'folder' },
      'bad-input',
      /is a directory; a file is needed/,
    ],
    ['a path that leaves the workspace', {}, { data: '../data.csv' }, 'bad-input', /leaves the workspace/],
    [
      'a profile outside the workspace',
      { 'data.csv': GOOD },
      { profile: '../p.json' },
      'bad-input',
      /leaves the workspace/,
    ],
    ['a missing contract', { 'data.csv': GOOD }, { contract: 'none.yaml' }, 'missing-file', /none\.yaml/],
    ['an empty contract', { 'data.csv': GOOD, 'contract.odcs.yaml': '\n' }, {}, 'bad-config', /is empty/],
    [
      'a misspelt contract key',
      { 'data.csv': GOOD, 'contract.odcs.yaml': CONTRACT.replace('required', 'requird') },
      {},
      'bad-config',
      /contract\.odcs\.yaml:\d+:\d+: .*'requird'.*Did you mean 'required'/,
    ],
    [
      'a model name with a space',
      { 'data.csv': GOOD },
      { model: 'my model' },
      'bad-input',
      /model name 'my model'/,
    ],
    ['a model name with a slash', { 'data.csv': GOOD }, { model: 'a/b' }, 'bad-input', /model name 'a\/b'/],
    ['a model name with an emoji', { 'data.csv': GOOD }, { model: 'a🙂' }, 'bad-input', /model name/],
    ['zero rows', { 'data.csv': 'id,carrier,distance\n' }, {}, 'no-rows', /has no rows/],
    [
      'an unknown extension',
      { 'data.xls': GOOD },
      { data: 'data.xls' },
      'bad-input',
      /format of 'data\.xls'/,
    ],
    [
      'a file that is no Parquet',
      { 'data.parquet': GOOD },
      { data: 'data.parquet' },
      'unreadable-data',
      /cannot be read/,
    ],
    ['an unknown format', { 'data.csv': GOOD }, { format: 'excel' }, 'bad-input', /input 'format'/],
    [
      'a number of samples that is none',
      { 'data.csv': GOOD },
      { samples: '1e1' },
      'bad-input',
      /samples.*from 0 to 10/,
    ],
    [
      'a folder without DuckDB',
      { 'data.csv': GOOD },
      { 'duckdb-path': 'x' },
      'missing-file',
      /duckdb\.node does not exist/,
    ],
    [
      'a copy of DuckDB that is none',
      { 'data.csv': GOOD, 'x/duckdb.node': 'no library' },
      { 'duckdb-path': 'x' },
      'bad-input',
      /'duckdb-path'.*x/,
    ],
    [
      'a reference that is no profile',
      { 'data.csv': GOOD, 'r.json': '{"rows": 1}' },
      { reference: 'r.json' },
      'bad-config',
      /r\.json:1/,
    ],
    ['no data at all', {}, { data: '' }, 'bad-input', /No data is named/],
  ])('%s', async (_name, files, inputs, reason, message) => {
    const step = await validate(files, inputs);
    expect([step.outputs['reason-code'], step.code, step.outputs['decision']]).toEqual([reason, 1, 'error']);
    expect(step.result['message']).toMatch(message);
    expect(await readdir(step.workspace)).not.toContain('.sluice');
  });

  it('a link out of the workspace', async () => {
    const workspace = await checkout({ 'contract.odcs.yaml': CONTRACT });
    const outside = await checkout({ 'data.csv': GOOD });
    await symlink(path.join(outside, 'data.csv'), path.join(workspace, 'data.csv'));
    const inputs = { contract: 'contract.odcs.yaml', data: '*.csv' };
    const step = await runStep('validate-data', { workspace, inputs });
    expect([step.code, step.outputs['reason-code']]).toEqual([1, 'bad-input']);
  });

  it('an older statement does not vouch for data that could not be read', async () => {
    const first = await validate({ 'data.csv': GOOD });
    await writeFile(path.join(first.workspace, 'data.csv'), '');
    const inputs = { contract: 'contract.odcs.yaml', data: 'data.csv' };
    const second = await runStep('validate-data', { workspace: first.workspace, inputs });
    expect([second.code, second.outputs['evidence']]).toEqual([1, '']);
    expect(await readdir(path.join(first.workspace, '.sluice', 'evidence'))).toEqual([]);
  });

  it('SIGTERM in the middle leaves no verdict and no temporary files', async () => {
    const temporary = await temporaryFolder('temp');
    const rows = Array.from({ length: 300_000 }, (_, i) => `${i},AA,100`).join('\n');
    const workspace = await checkout({
      'contract.odcs.yaml': CONTRACT,
      'data.csv': `id,carrier,distance\n${rows}\n`,
    });
    const step = await runStep('validate-data', {
      workspace,
      inputs: { contract: 'contract.odcs.yaml', data: 'data.csv' },
      env: { RUNNER_TEMP: temporary },
      kill: { signal: 'SIGTERM', after: 'Reading' },
    });
    expect([step.code, step.outputs['reason-code']]).toEqual([1, 'cancelled']);
    expect(await readdir(temporary)).toEqual([]);
    expect(await readdir(workspace)).not.toContain('.sluice');
  });
});

describe('DuckDB', () => {
  it('half fetched when the job is cancelled leaves nothing in the tool cache', async () => {
    const cache = await temporaryFolder('cache');
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const workspace = await checkout({ 'contract.odcs.yaml': CONTRACT, 'data.csv': GOOD });
    const step = await runStep('validate-data', {
      workspace,
      inputs: { contract: 'contract.odcs.yaml', data: 'data.csv' },
      env: {
        RUNNER_TOOL_CACHE: cache,
        npm_config_registry: `http://127.0.0.1:${port}/`,
        npm_config_cache: path.join(workspace, 'npm'),
      },
      kill: { signal: 'SIGTERM', after: 'Fetching' },
    });
    silent.closeAllConnections();
    silent.close();
    expect([step.code, step.outputs['reason-code']]).toEqual([1, 'cancelled']);
    const [version] = await readdir(path.join(cache, 'duckdb'));
    expect(await readdir(path.join(cache, 'duckdb', version ?? ''))).toEqual([]);
  }, 60_000);

  it('is fetched with a progress line, and an installed copy is taken without asking npm', async () => {
    const cache = await temporaryFolder('cache');
    const workspace = await checkout({ 'contract.odcs.yaml': CONTRACT, 'data.csv': GOOD });
    const inputs = { contract: 'contract.odcs.yaml', data: 'data.csv' };
    const fetched = await runStep('validate-data', { workspace, inputs, env: { RUNNER_TOOL_CACHE: cache } });
    expect(fetched.stdout).toMatch(/Fetching DuckDB .*\(about 25 MB[\s\S]*sha512 verified/);
    expect(fetched.code).toBe(0);
    const copy = path.join(workspace, 'duckdb');
    const [version] = await readdir(path.join(cache, 'duckdb'));
    const [platform] = await readdir(path.join(cache, 'duckdb', version ?? ''));
    await cp(path.join(cache, 'duckdb', version ?? '', platform ?? ''), copy, { recursive: true });
    await rm(cache, { recursive: true });
    const env = {
      RUNNER_TOOL_CACHE: cache,
      npm_config_registry: 'http://127.0.0.1:9/',
      npm_config_fetch_retries: '0',
      npm_config_cache: path.join(workspace, 'npm'),
    };
    const given = await runStep('validate-data', {
      workspace,
      inputs: { ...inputs, 'duckdb-path': 'duckdb' },
      env,
    });
    expect([given.code, given.stdout.includes('Fetching')]).toEqual([0, false]);
    const offline = await runStep('validate-data', { workspace, inputs, env });
    expect([offline.code, offline.outputs['reason-code']]).toEqual([1, 'service-unavailable']);
    expect(offline.result['message']).toMatch(/duckdb-path/);
  }, 120_000);
});
