import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { createGateProject, plainFolder } from '@sluice/testing/gate-project.ts';

// Each test runs the built action, most of them several programs.
jest.setTimeout(60_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Runs the gate in a folder that is no repository. */
async function gate(files: Record<string, string>, inputs: Record<string, string> = {}): Promise<StepResult> {
  const { folder, remove } = await plainFolder(files);
  cleanups.push(remove);
  return runStep('evaluate-gate', { workspace: folder, inputs });
}

const RULES = '- {metric: auc, min: 0.5}';
const METRICS = { 'm.json': '{"auc": 0.7}' };
const GIVEN = { model: 'm', metrics: 'm.json', rules: RULES };

test('metrics and rules are enough, and no model is vouched for', async () => {
  const step = await gate(METRICS, GIVEN);
  expect(step).toMatchObject({
    code: 0,
    outputs: { decision: 'pass', 'reason-code': 'new-baseline', evidence: '' },
  });
  expect(step.result).toMatchObject({ 'model-digest': null });
  expect(step.stdout).toContain('no model is vouched for');
});

test('a rule that only informs is told apart', async () => {
  const rules = `${RULES}\n- {metric: auc, min: 0.9, name: hope, severity: info}`;
  const step = await gate(METRICS, { ...GIVEN, rules, 'baseline-metrics': 'm.json' });
  expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
  expect(step.result['message']).toBe('The one check holds. 1 that only informs does not.');
});

test('two files of metrics can be compared without a ledger', async () => {
  const step = await gate(
    { ...METRICS, 'old.yaml': 'auc: 0.75' },
    { ...GIVEN, baseline: 'file:old.yaml', rules: '- {metric: auc, max-regression: 0.01}' },
  );
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
  expect(step.result).toMatchObject({ baseline: { source: 'file:old.yaml', version: null } });
});

test.each([
  ['fail', 1, 'no-baseline', 'fail'],
  ['warn', 0, 'no-baseline', 'warn'],
  ['absolute-only', 0, 'new-baseline', 'pass'],
])('on-missing-baseline: %s', async (setting, code, reason, decision) => {
  const config = `version: 1\nmodel: m\ngate: {on-missing-baseline: ${setting}, rules: [{metric: auc, min: 0.5}]}\n`;
  const step = await gate({ ...METRICS, 'sluice.yaml': config }, { metrics: 'm.json' });
  expect(step).toMatchObject({ code, outputs: { decision, 'reason-code': reason } });
});

describe('metrics that are no numbers are red', () => {
  test.each([
    ['m.json', '{"auc": NaN}'],
    ['m.json', '{"auc": -Infinity}'],
    ['m.json', '{"auc": "0.9"}'],
    ['m.json', '{"auc": true}'],
    ['m.json', '{"auc": null}'],
    ['m.yaml', 'auc: .nan'],
    ['m.yaml', 'auc: .inf'],
  ])('%s with %s', async (name, text) => {
    const step = await gate({ [name]: text }, { ...GIVEN, metrics: name });
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'error', 'reason-code': 'not-a-number', 'failed-rules': '["auc"]' },
    });
  });

  test('in the predictions too', async () => {
    const files = { 'p.csv': 'id,label,score\na,0,0.1\nb,1,nan\n' };
    expect(await gate(files, { model: 'm', predictions: 'p.csv', rules: RULES })).toMatchObject({
      code: 1,
      outputs: { 'reason-code': 'not-a-number' },
      annotations: [{ message: expect.stringContaining('row 2') }],
    });
  });
});

describe('bad input', () => {
  test.each<[string, string, Record<string, string>, Record<string, string>, RegExp]>([
    [
      'an unknown key',
      'bad-config',
      { ...METRICS, 'sluice.yaml': 'version: 1\ngate: {rulez: []}\n' },
      GIVEN,
      /2:8: .*unknown key 'rulez'. Did you mean 'rules'/,
    ],
    [
      'a wrong type',
      'bad-config',
      { ...METRICS, 'sluice.yaml': 'version: 1\ngate: {rules: 3}\n' },
      GIVEN,
      /2:8: gate.rules/,
    ],
    [
      'an unknown key of a rule',
      'bad-input',
      METRICS,
      { ...GIVEN, rules: '- {metric: auc, minimum: 1}' },
      /input 'rules'.*unknown key 'minimum'/,
    ],
    ['rules that are no YAML', 'bad-input', METRICS, { ...GIVEN, rules: '- {metric: auc' }, /not valid YAML/],
    ['no rules', 'no-rules', METRICS, { ...GIVEN, rules: '' }, /Add at least one/],
    ['an empty list of rules', 'no-rules', METRICS, { ...GIVEN, rules: '[]' }, /Add at least one/],
    [
      'a metric nobody logged',
      'missing-metric',
      METRICS,
      { ...GIVEN, rules: '- {metric: f1, min: 0}' },
      /it has auc/,
    ],
    ['nothing to judge', 'bad-input', {}, { model: 'm', rules: RULES }, /nothing to judge/],
    [
      'evaluate without a model',
      'bad-input',
      {},
      { model: 'm', rules: RULES, evaluate: 'true' },
      /'model-path'/,
    ],
    ['no model name', 'bad-input', METRICS, { ...GIVEN, model: '' }, /No model is named/],
    ['a missing file', 'missing-file', {}, GIVEN, /nothing is there/],
    ['an empty file', 'bad-input', { 'm.json': '' }, GIVEN, /is empty/],
    ['a file that is no map', 'bad-input', { 'm.json': '[1]' }, GIVEN, /no map of metrics/],
    [
      'a path out of the workspace',
      'bad-input',
      METRICS,
      { ...GIVEN, metrics: '../m.json' },
      /leaves the workspace/,
    ],
    ['an absolute path', 'bad-input', METRICS, { ...GIVEN, metrics: '/etc/passwd' }, /leaves the workspace/],
    [
      'a baseline out of the workspace',
      'bad-input',
      METRICS,
      { ...GIVEN, baseline: 'file:/etc/passwd.json' },
      /leaves the workspace/,
    ],
    [
      'an unknown baseline source',
      'bad-config',
      METRICS,
      { ...GIVEN, baseline: 'main' },
      /Allowed: champion/,
    ],
    [
      'an unknown comment setting',
      'bad-input',
      METRICS,
      { ...GIVEN, comment: 'sometimes' },
      /Allowed: always/,
    ],
    [
      'predictions without rows',
      'no-rows',
      { 'p.csv': 'id,label,score\n' },
      { model: 'm', predictions: 'p.csv', rules: RULES },
      /no rows/,
    ],
    [
      'ragged predictions',
      'unreadable-data',
      { 'p.csv': 'id,label,score\na,0\n' },
      { model: 'm', predictions: 'p.csv', rules: RULES },
      /p\.csv:2/,
    ],
    [
      'predictions without labels',
      'unreadable-data',
      { 'p.csv': 'id,score\na,0\n' },
      { model: 'm', predictions: 'p.csv', rules: RULES },
      /no column 'label'/,
    ],
    [
      'a mapped column that is missing',
      'unreadable-data',
      { 'p.csv': 'id,label,score\na,0,1\n' },
      { model: 'm', predictions: 'p.csv', rules: RULES, columns: 'score: p' },
      /no column 'p'/,
    ],
    [
      'an id that occurs twice',
      'duplicate-id',
      { 'p.csv': 'id,label,score\na,0,0\na,1,1\n' },
      { model: 'm', predictions: 'p.csv', rules: RULES },
      /'a' occurs twice/,
    ],
    [
      'one class only',
      'undefined-metric',
      { 'p.csv': 'id,label,score\na,0,0\nb,0,1\n' },
      { model: 'm', predictions: 'p.csv', rules: RULES },
      /0 positive/,
    ],
    [
      'a relative limit on a baseline of zero',
      'baseline-near-zero',
      { 'm.json': '{"x": 0}' },
      {
        ...GIVEN,
        'baseline-metrics': 'm.json',
        rules: '- {metric: x, direction: higher, max-regression: 2%}',
      },
      /no limit/,
    ],
    [
      'a program that does not exist',
      'missing-file',
      METRICS,
      { model: 'm', 'model-path': 'm.json', evaluate: 'nosuchprogram', rules: RULES },
      /not found on PATH/,
    ],
    [
      'an evaluation that writes nothing',
      'command-failed',
      METRICS,
      { model: 'm', 'model-path': 'm.json', evaluate: 'true', rules: RULES },
      /wrote no file/,
    ],
    [
      'a placeholder that is not known',
      'bad-config',
      METRICS,
      { model: 'm', 'model-path': 'm.json', evaluate: 'true {model}', rules: RULES },
      /Known: \{model-path\}/,
    ],
  ])('%s is %s', async (_, reason, files, inputs, message) => {
    const step = await gate(files, inputs);
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
    expect(step.annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(message) }]);
    expect(step.stdout).not.toMatch(/\n\s+at /);
  });

  test.each(['a/b', 'my model', '🛫', '-x', 'a'.repeat(101)])(
    'the model name %j is refused',
    async (model) => {
      expect(await gate(METRICS, { ...GIVEN, model })).toMatchObject({
        code: 1,
        outputs: { 'reason-code': 'bad-input' },
      });
    },
  );

  test('a directory where a file is meant', async () => {
    const { folder, remove } = await plainFolder({});
    cleanups.push(remove);
    await mkdir(path.join(folder, 'm.json'));
    const step = await runStep('evaluate-gate', { workspace: folder, inputs: GIVEN });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'bad-input' } });
    expect(step.annotations[0]?.message).toContain('which is a directory');
  });

  test('a link that leads out of the workspace', async () => {
    const { folder, remove } = await plainFolder({});
    cleanups.push(remove);
    await symlink('/etc/hostname', path.join(folder, 'm.json'));
    const step = await runStep('evaluate-gate', { workspace: folder, inputs: GIVEN });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'bad-input' } });
  });
});

test('an evaluation that changes the model vouches for nothing', async () => {
  const step = await gate(METRICS, {
    model: 'm',
    'model-path': 'm.json',
    evaluate: 'cp -f /dev/null m.json',
    rules: RULES,
  });
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'command-failed', evidence: '' } });
});

test('a model folder without files is refused', async () => {
  const { folder, remove } = await plainFolder(METRICS);
  cleanups.push(remove);
  await mkdir(path.join(folder, 'model'));
  const step = await runStep('evaluate-gate', {
    workspace: folder,
    inputs: { ...GIVEN, 'model-path': 'model' },
  });
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'bad-input' } });
});

test('predictions of an earlier run are never read as those of this one', async () => {
  const project = await createGateProject();
  cleanups.push(() => project.remove());
  await project.candidate(0.1);
  expect((await project.gate()).code).toBe(0);
  const step = await project.gate({ inputs: { evaluate: 'true' } });
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'command-failed' } });
  expect(await readdir(path.join(project.workspace, '.sluice/gate'))).toEqual([]);
  expect(await readdir(path.join(project.workspace, '.sluice/evidence'))).toEqual([]);
});

test('no remote and no commit are no baseline, a remote that cannot be read is an error', async () => {
  const project = await createGateProject();
  cleanups.push(() => project.remove());
  await project.candidate(0.1);
  await project.git('remote', 'set-url', 'origin', path.join(project.root, 'gone.git'));
  expect(await project.gate()).toMatchObject({ code: 1, outputs: { decision: 'error' } });
  await project.git('remote', 'remove', 'origin');
  const step = await project.gate();
  expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'no-baseline' } });
  expect(step.result['message']).toMatch(/^accuracy is to be compared .* has no git remote 'origin'/);
});

test('text from data cannot break the report', async () => {
  const files = { 'p.csv': 'id,label,prediction,"c|<b>"\na,0,0,"x|y @octocat <img src=x>"\nb,1,1,`z`\n' };
  const rules = "- {metric: accuracy, min: 2, name: 'a|b', slices: [{by: 'c|<b>'}]}";
  const step = await gate(files, { model: 'm', predictions: 'p.csv', rules });
  expect(step.outputs['reason-code']).toBe('below-limit');
  expect(step.summary).not.toMatch(/@octocat|(?<!\\)<img|(?<!\\)<b>/);
});

test('a gate that cannot read its rules leaves no verdict of an earlier run', async () => {
  const { folder, remove } = await plainFolder({ ...METRICS, 'sluice.yaml': 'version: 1\nrulez: []\n' });
  cleanups.push(remove);
  const statement = path.join(folder, '.sluice', 'evidence', 'evaluate-gate.json');
  await mkdir(path.dirname(statement), { recursive: true });
  await writeFile(statement, '{}');
  const step = await runStep('evaluate-gate', { workspace: folder, inputs: GIVEN });
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'bad-config' } });
  await expect(readFile(statement)).rejects.toMatchObject({ code: 'ENOENT' });
});
