import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

/*
 * A pull request commits `.sluice`, or something in it, as a symbolic link. Whatever the step does then, nothing behind the
 * link is read as its own, changed or removed.
 */

jest.setTimeout(60_000);

const ROWS = 'id,label,prediction\n1,1,1\n2,0,0\n3,1,1\n';
const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0.0
status: active
schema: [{name: t, properties: [{name: id, logicalType: integer}]}]
`;
const FILES: Readonly<Record<string, string>> = {
  'rows.csv': ROWS,
  'contract.yaml': CONTRACT,
  'train.mjs':
    "import { mkdirSync, writeFileSync } from 'node:fs'; mkdirSync('out', { recursive: true }); writeFileSync('out/model', 'm');",
  'out/model': 'before',
};
const STEPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'validate-data': { contract: 'contract.yaml', data: 'rows.csv' },
  train: { model: 'm', run: 'node train.mjs', 'model-path': 'out/model', cache: 'false' },
  'evaluate-gate': {
    model: 'm',
    predictions: 'rows.csv',
    rules: '- {metric: accuracy, direction: higher, min: 0.1}',
    comment: 'never',
  },
};
/** What the steps leave in .sluice, as somebody else's files of the same names. */
const PRECIOUS = [
  'gate/keep.txt',
  'gate/gate.json',
  'evidence/evaluate-gate.json',
  'evidence/train.json',
  'evidence/validate-data.json',
  'profile.json',
  'suggested-contract.odcs.yaml',
];

let workspace: string;
let elsewhere: string;
beforeEach(async () => {
  workspace = await temporaryFolder('links');
  elsewhere = await temporaryFolder('precious');
  for (const [name, text] of Object.entries(FILES)) await write(workspace, name, text);
  for (const name of PRECIOUS) await write(elsewhere, name, 'precious');
});

async function write(folder: string, name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), text);
}

async function expectUntouched(): Promise<void> {
  const entries = await readdir(elsewhere, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
  expect(files.sort()).toEqual(PRECIOUS.map((name) => path.join(elsewhere, name)).sort());
  for (const file of files) expect(await readFile(file, 'utf8')).toBe('precious');
}

const run = (action: string, inputs = STEPS[action] ?? {}): Promise<StepResult> =>
  runStep(action, { workspace, inputs });

describe.each(Object.keys(STEPS))('%s', (action) => {
  test('refuses a checkout whose .sluice is a link, and touches nothing behind it', async () => {
    await symlink(elsewhere, path.join(workspace, '.sluice'));
    const step = await run(action);
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'bad-input' } });
    expect(String(step.result['message'])).toContain("'.sluice' in");
    expect(String(step.result['message'])).toContain('is a symbolic link');
    await expectUntouched();
    expect(await readFile(path.join(workspace, 'out/model'), 'utf8')).toBe('before');
  });

  test.each(['gate', 'evidence', ...PRECIOUS])(
    'touches nothing behind a link at .sluice/%s',
    async (name) => {
      await mkdir(path.dirname(path.join(workspace, '.sluice', name)), { recursive: true });
      await symlink(path.join(elsewhere, name), path.join(workspace, '.sluice', name));
      await run(action);
      await expectUntouched();
    },
  );
});

test('train neither moves nor writes outputs through a link', async () => {
  await write(workspace, 'real/model', 'kept');
  await symlink(path.join(workspace, 'real'), path.join(workspace, 'linked'));
  const step = await run('train', { ...STEPS['train'], 'model-path': 'linked/model' });
  expect(step.outputs).toMatchObject({ decision: 'error', 'reason-code': 'bad-input' });
  expect(String(step.result['message'])).toContain("'linked' in");
  expect(await readdir(path.join(workspace, 'real'))).toEqual(['model']);
});

test('a working directory behind a link inside the checkout is used at its real place', async () => {
  await mkdir(path.join(workspace, 'project'));
  await write(workspace, 'project/rows.csv', ROWS);
  await symlink('project', path.join(workspace, 'alias'));
  const step = await run('evaluate-gate', { ...STEPS['evaluate-gate'], 'working-directory': 'alias' });
  expect(step).toMatchObject({ code: 0 });
  expect(step.outputs['report']).toBe(path.join(workspace, 'project/.sluice/gate/report.md'));
});
