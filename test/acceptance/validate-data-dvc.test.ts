import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT, runStep, type StepResult } from '@sluice/testing/action.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: flights
    properties: [{ name: id, logicalType: integer, required: true }]
`;
const [A, B] = ['id,carrier\n1,AA\n2,UA\n', 'id,carrier\n3,AA\n'];
const [MD5_A, MD5_B] = ['1429a434bb43e96a35eadf39c4cae052', 'ba4b46c416823c0bc0cc4bd06468931a'];

/** What `dvc add data` and `dvc push` of DVC 3.67.1 wrote for these two files. */
const FOLDER = '1a17f016818e053de3cc3916d10d91cf';
const RECORD = `outs:\n- md5: ${FOLDER}.dir\n  size: 37\n  nfiles: 2\n  hash: md5\n  path: data\n`;
const LIST = `[{"md5": "${MD5_A}", "relpath": "a.csv"}, {"md5": "${MD5_B}", "relpath": "b c.csv"}]`;
const STORE = {
  [`files/md5/${FOLDER.slice(0, 2)}/${FOLDER.slice(2)}.dir`]: LIST,
  [`files/md5/${MD5_A.slice(0, 2)}/${MD5_A.slice(2)}`]: A,
  [`files/md5/${MD5_B.slice(0, 2)}/${MD5_B.slice(2)}`]: B,
};

async function checkout(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const workspace = await temporaryFolder('validate-dvc');
  const all = {
    'contract.odcs.yaml': CONTRACT,
    'data.dvc': RECORD,
    '.dvc/config': '[core]\n    remote = store\n[\'remote "store"\']\n    url = ../store\n',
    ...Object.fromEntries(Object.entries(STORE).map(([name, content]) => [`store/${name}`, content])),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    await mkdir(path.dirname(path.join(workspace, name)), { recursive: true });
    await writeFile(path.join(workspace, name), content);
  }
  return workspace;
}

const validate = (workspace: string): Promise<StepResult> =>
  runStep('validate-data', { workspace, inputs: { data: 'data/*.csv', contract: 'contract.odcs.yaml' } });

test('data that is not here is pulled from the remote and compared, and the result says so', async () => {
  const workspace = await checkout();
  const step = await validate(workspace);
  expect([step.outputs['reason-code'], step.outputs['rows']]).toEqual(['ok', '3']);
  expect(step.result['checks']).toEqual([
    expect.objectContaining({ kind: 'dvc', verdict: 'pass', files: 2, pulled: 2 }),
  ]);
  const schema = JSON.parse(
    await readFile(path.join(ROOT, 'schemas/validate-data.result.schema.json'), 'utf8'),
  ) as object;
  const valid = new Ajv2020({ strict: false }).compile(schema);
  expect([valid(step.result), valid.errors]).toEqual([true, null]);
  expect(await readFile(path.join(workspace, 'data/b c.csv'), 'utf8')).toBe(B);
});

test('a changed file is refused with path, expected and actual md5', async () => {
  const workspace = await checkout({ 'data/a.csv': A, 'data/b c.csv': `${B}4,UA\n` });
  const step = await validate(workspace);
  expect([step.code, step.outputs['decision'], step.outputs['reason-code']]).toEqual([
    1,
    'fail',
    'digest-mismatch',
  ]);
  expect(step.stdout).toMatch(new RegExp(`data/b c\\.csv has md5 [0-9a-f]{32}, expected ${MD5_B}`));
  const proposed = await readFile(path.join(workspace, '.sluice/dvc/data.dvc'), 'utf8');
  expect(proposed.replace(/md5: [0-9a-f]{32}/, 'md5: x')).toBe(
    RECORD.replace(FOLDER, 'x').replace('size: 37', 'size: 42'),
  );
});

test('what would reach out of the checkout, or name another file than an object, is refused', async () => {
  const outside = await temporaryFolder('validate-dvc-outside');
  const traversal = await checkout({ 'data.dvc': 'outs:\n- md5: ../../../../etc/passwd\n  path: data\n' });
  const refused = await validate(traversal);
  expect([refused.outputs['reason-code'], refused.stdout]).toEqual([
    'bad-config',
    expect.stringContaining('data.dvc:2: outs.0.md5: expected an md5 in hex'),
  ]);
  const away = await checkout({ 'data.dvc': RECORD.replace('path: data', `path: ${outside}`) });
  expect((await validate(away)).outputs['reason-code']).toBe('missing-file');
  const gone = await checkout();
  await rm(path.join(gone, 'store'), { recursive: true });
  expect((await validate(gone)).outputs['reason-code']).toBe('service-unavailable');
});

test('of a folder no more is read than its record says that all of its files have', async () => {
  const workspace = await checkout({ 'data.dvc': RECORD.replace('size: 37', 'size: 30') });
  const step = await validate(workspace);
  expect([step.outputs['reason-code'], step.stdout]).toEqual([
    'digest-mismatch',
    expect.stringContaining('with it the files have more than the 30 bytes of data.dvc'),
  ]);
  const alone = await checkout({ 'data.dvc': RECORD.replace('size: 37', 'size: 10') });
  expect((await validate(alone)).stdout).toContain('is damaged: it has more than the 10 bytes');
});
