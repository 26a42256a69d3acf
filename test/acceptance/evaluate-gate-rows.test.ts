import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { StepResult } from '@sluice/testing/action.ts';
import { createGateProject, testRows, type GateProject } from '@sluice/testing/gate-project.ts';

// Each test runs the built action, most of them several programs.
jest.setTimeout(60_000);

let project: GateProject;

beforeEach(async () => {
  project = await createGateProject();
  await project.register('v1.0.0', 0.1);
  await project.assign('v1.0.0', 'production');
  await project.candidate(0.1);
});

afterEach(async () => {
  await project.remove();
});

/** Has the scorer do something else than it should. */
async function scoring(from: string, to: string): Promise<void> {
  const text = await project.read('evaluate.mjs');
  expect(text).toContain(from);
  await project.write({ 'evaluate.mjs': text.replace(from, to) });
}

const refusal = { code: 1, outputs: { decision: 'error', 'reason-code': 'different-test-set' } };
const messageOf = (step: StepResult): string => String(step.result['message']);

describe('the rows that were evaluated are held against the declared test set', () => {
  test('all of them, with their labels, are what it holds', async () => {
    const step = await project.gate();
    expect(step.result).toMatchObject({
      decision: 'pass',
      'rows-held': { evaluated: 200, declared: 200, by: ['id', 'label'] },
    });
    expect(step.summary).not.toContain('held against');
  });

  test('some of them, for both models, are refused', async () => {
    await scoring('const scored = rows', 'const scored = rows.slice(0, 3)');
    const step = await project.gate();
    expect(step).toMatchObject(refusal);
    expect(messageOf(step)).toContain("197 of its 200 rows were not evaluated, the first has the id 'f3'");
  });

  test('labels that contradict it are refused', async () => {
    await scoring('return [id, label, prediction,', 'return [id, prediction, prediction,');
    const step = await project.gate({ inputs: { baseline: 'deployed:nowhere' } });
    expect(step).toMatchObject(refusal);
    expect(messageOf(step)).toMatch(/the label of id 'f\d+' is another one there/);
  });

  test('the same is true of predictions that were given', async () => {
    await project.write({ 'out/p.csv': 'id,label,prediction\nf0,0,0\nf1,1,1\n' });
    expect(await project.gate({ inputs: { predictions: 'out/p.csv' } })).toMatchObject(refusal);
  });

  test('a command that rewrites the test set to suit itself is refused', async () => {
    await scoring(
      'const scored = rows',
      "writeFileSync('data/test.csv', 'id,carrier,label\\n' + rows.slice(0, 3).join('\\n') + '\\n');\nconst scored = rows.slice(0, 3)",
    );
    expect(await project.gate()).toMatchObject(refusal);
  });

  test('rows without a label may be left out', async () => {
    await project.write({ 'data/test.csv': `${testRows()}f900,AA,\n` });
    await scoring(".split(','))", ".split(',')).filter(([, , label]) => label)");
    expect((await project.gate()).result).toMatchObject({
      decision: 'pass',
      'rows-held': { evaluated: 200, declared: 200, by: ['id', 'label'] },
    });
  });

  test('classes that the scorer encodes are said to be called otherwise', async () => {
    const text = testRows().replaceAll(/,0$/gm, ',on time').replaceAll(/,1$/gm, ',late');
    await project.write({ 'data/test.csv': text });
    await scoring("line.split(',')", "line.replace('on time', '0').replace('late', '1').split(',')");
    const step = await project.gate();
    expect(step.result).toMatchObject({ decision: 'pass', 'rows-held': { by: ['id', 'label'] } });
    expect(step.summary).toContain("'on time' is '0', 'late' is '1'");
  });
});

describe('what cannot be held against it is said', () => {
  test('labels in a column of another name', async () => {
    await project.write({ 'data/test.csv': testRows().replace('label', 'delayed') });
    const step = await project.gate();
    expect(step.result).toMatchObject({ decision: 'pass', 'rows-held': { by: ['id'] } });
    expect(step.summary).toContain("it has no column 'label'");
    await scoring('const scored = rows', 'const scored = rows.slice(0, 3)');
    expect(await project.gate()).toMatchObject(refusal);
  });

  test('rows without ids: another number of them is a warning, other labels an error', async () => {
    await project.write({ 'data/test.csv': testRows().replace('id', 'number') });
    const same = await project.gate();
    expect(same.result).toMatchObject({ decision: 'pass', 'rows-held': { by: ['label'] } });
    expect(same.summary).toContain("it has no column 'id'");
    await scoring('const scored = rows', 'const scored = rows.slice(0, 100)');
    const fewer = await project.gate({ inputs: { rules: '- {metric: accuracy, min: 0.6}' } });
    expect(fewer).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'unmatched-rows' } });
    expect(fewer.summary).toContain('100 rows were evaluated, the test set has 200');
    await scoring('rows.slice(0, 100)', 'rows');
    await scoring('return [id, label, prediction,', 'return [id, 1, prediction,');
    expect(await project.gate()).toMatchObject(refusal);
  });

  test.each([
    [
      'a folder of images',
      { 'data/images/a.png': '\u0089PNG', 'data/images/b.png': '\u0089PNG' },
      'is no table',
    ],
    ['a table that cannot be read', { 'data/images/a.parquet': 'PAR1 nothing' }, 'cannot be read'],
    ['tables of two kinds', { 'data/images/a.csv': 'x\n1\n', 'data/images/b.jsonl': '{"x": 1}\n' }, 'mixes'],
    ['a table without rows', { 'data/images/a.csv': 'id,label\n' }, 'has no rows'],
  ])('%s', async (_, files, says) => {
    await project.write(files);
    const step = await project.gate({ inputs: { data: 'data/images/*' } });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(step.result).toMatchObject({ 'rows-held': { evaluated: 200, declared: null, by: [] } });
    expect(step.summary).toContain('were not held against the test set');
    expect(step.summary).toContain(says);
  });
});

/** Rows of a population by their number: every third is positive. */
const population = (from: number, to: number): string =>
  [
    'id,carrier,label',
    ...Array.from({ length: to - from }, (_, i) => `f${from + i},UA,${(from + i) % 2}`),
  ].join('\n') + '\n';

describe('rows that a model was trained on', () => {
  const config = `version: 1
model: flights
data: {train: data/train.csv, test: data/test.csv}
train: {model-path: out/model.json}
gate:
  baseline: [latest]
  evaluate: node evaluate.mjs {model-path} {predictions}
  rules: [{metric: accuracy, min: 0.5}]
`;

  test('in another split are counted, and the verdict is a warning with a name', async () => {
    await project.write({
      'sluice.yaml': config,
      'data/train.csv': population(0, 400),
      'data/test.csv': population(400, 600),
    });
    expect((await project.gate({ inputs: { baseline: 'deployed:nowhere' } })).result).toMatchObject({
      decision: 'pass',
    });
    await project.register('v2.0.0', 0.2, {
      'gate.json': await project.read('.sluice/gate/gate.json'),
      'predictions.csv': await project.read('.sluice/gate/predictions.csv'),
    });
    await project.write({ 'data/train.csv': population(150, 600), 'data/test.csv': population(0, 150) });
    const step = await project.gate();
    expect(step).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'trained-on-test-rows' },
    });
    expect(step.summary).toContain('150 of the 150 rows of the test set are, value for value, rows that v2');
    expect(step.summary).toContain("150 of today's 150 rows were not in it");
  });

  test('are said of the candidate too, and never made up', async () => {
    await project.write({
      'sluice.yaml': config,
      'data/train.csv': population(0, 400),
      'data/test.csv': population(390, 500),
    });
    const step = await project.gate();
    expect(step.outputs['reason-code']).toBe('trained-on-test-rows');
    expect(step.summary).toContain(
      '10 of the 110 rows of the test set are, value for value, rows that the candidate',
    );
    await project.write({ 'data/train.csv': population(0, 390) });
    expect((await project.gate()).result).toMatchObject({ decision: 'pass' });
  });

  test('are not known where training splits one file itself and gives numbers alone', async () => {
    const splits = config.replace('data/train.csv', 'data/test.csv');
    await project.write({
      'sluice.yaml': splits.replace(/ {2}evaluate: .*\n/, ''),
      'data/test.csv': population(0, 200),
      'out/metrics.json': '{"accuracy": 0.8}',
    });
    const inputs = { metrics: 'out/metrics.json', baseline: 'deployed:nowhere' };
    const step = await project.gate({ inputs });
    expect(step.result).toMatchObject({ decision: 'pass' });
    expect(step.summary).not.toContain('trained on');
    await project.write({ 'sluice.yaml': splits });
    const scored = await project.gate({ inputs: { baseline: 'deployed:nowhere' } });
    expect(scored.outputs['reason-code']).toBe('trained-on-test-rows');
  });
});

test('line ends that git changed for the machine make no other test set', async () => {
  const alone = { baseline: 'deployed:nowhere', rules: '- {metric: accuracy, min: 0.6}' };
  const own = await project.gate({ inputs: alone });
  const clone = await project.clone('-c', 'core.autocrlf=true');
  expect(await readFile(path.join(clone, 'data/test.csv'), 'utf8')).toContain('\r\n');
  await mkdir(path.join(clone, 'out'));
  await copyFile(path.join(project.workspace, 'out/model.json'), path.join(clone, 'out/model.json'));
  await copyFile(path.join(project.workspace, 'evaluate.mjs'), path.join(clone, 'evaluate.mjs'));
  const predictions = await project.read('.sluice/gate/predictions.csv');
  await writeFile(path.join(clone, 'out/p.csv'), predictions);
  const there = await project.gate({ workspace: clone, inputs: { ...alone, predictions: 'out/p.csv' } });
  expect(there.result).toMatchObject({ decision: 'pass', 'test-set-digest': own.result['test-set-digest'] });
  await writeFile(path.join(clone, 'data/test.csv'), `${testRows().replaceAll('\n', '\r\n')}\r\n`);
  const other = await project.gate({ workspace: clone, inputs: { ...alone, predictions: 'out/p.csv' } });
  expect(other.result['test-set-digest']).not.toBe(own.result['test-set-digest']);
});

describe('the same bytes', () => {
  const SAID = 'Candidate and baseline are the same model';

  test('as candidate and baseline are said to be one model', async () => {
    const step = await project.gate();
    expect(step.result).toMatchObject({ 'same-model': true });
    expect(step.summary).toContain(SAID);
  });

  test('are not assumed of other models, or without a baseline', async () => {
    await project.candidate(0.11);
    const other = await project.gate();
    expect(other.result).toMatchObject({ 'same-model': false });
    expect(other.summary).not.toContain(SAID);
    const alone = await project.gate({ inputs: { baseline: 'deployed:nowhere' } });
    expect(alone.result).toMatchObject({ 'same-model': null });
  });
});
