import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, truncate } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { writeParquet } from '@sluice/testing/data.ts';
import { plainFolder } from '@sluice/testing/gate-project.ts';

// What is too large is refused by its size, before it is read; the limits are those of everybody, not of forks alone.
jest.setTimeout(120_000);

const begun: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const remove of begun.splice(0)) await remove();
});

const GATE = 'version: 1\nmodel: m\ngate: {rules: [{metric: accuracy, min: 0.5}]}\n';

async function run(
  action: 'evaluate-gate' | 'validate-data' | 'train',
  files: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>>,
  prepare?: (folder: string) => Promise<void>,
): Promise<StepResult> {
  const { folder, remove } = await plainFolder(files);
  begun.push(remove);
  await prepare?.(folder);
  return runStep(action, { workspace: folder, inputs });
}

function expectRefusal(step: StepResult, reason: string, words: string): void {
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
  expect(step.outputs['message'] ?? step.stdout).toContain(words);
}

const columns = Array.from({ length: 300_000 }, (_, i) => `c${i}`);

describe('what is larger than anybody needs', () => {
  test('sluice.yaml of two million keys', async () => {
    const keys = Array.from({ length: 2_000_000 }, (_, i) => `k${i}: 1\n`).join('');
    const step = await run('evaluate-gate', { 'sluice.yaml': GATE + keys }, {});
    expectRefusal(step, 'bad-config', 'at most 1048576 (1 MiB) are read');
  });

  test('sluice.yaml that repeats itself by aliases', async () => {
    const levels = Array.from({ length: 60 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`);
    const step = await run(
      'evaluate-gate',
      { 'sluice.yaml': `a0: &a0 [x, x]\n${levels.join('')}${GATE}` },
      {},
    );
    expectRefusal(step, 'bad-config', 'Excessive alias count');
  });

  test('metrics of a million names', async () => {
    const metrics = Array.from({ length: 1_000_000 }, (_, i) => `m${i}: 1\n`).join('');
    const step = await run(
      'evaluate-gate',
      { 'sluice.yaml': GATE, 'm.yaml': metrics },
      { metrics: 'm.yaml' },
    );
    expectRefusal(step, 'bad-input', 'at most 4194304 (4 MiB) are read');
  });

  test('cases of a rule, which are not read', async () => {
    const config = 'version: 1\nmodel: m\ngate: {rules: [{cases: c.txt, must: stay-correct}]}\n';
    const files = { 'sluice.yaml': config, 'p.csv': 'id,label,prediction\na,1,1\n', 'c.txt': 'a\n' };
    const step = await run('evaluate-gate', files, { predictions: 'p.csv' }, (folder) =>
      truncate(path.join(folder, 'c.txt'), 2 ** 41),
    );
    expectRefusal(step, 'bad-config', 'cases of a rule (c.txt) has 2199023255552 bytes; at most');
  });

  const TRAIN = `version: 1\nmodel: m\ntrain: {run: node t.mjs, model-path: out/model, metrics: out/m.json, params: p.yaml}\n`;
  const WRITES = `import fs from 'node:fs';\nfs.mkdirSync('out');\nfs.writeFileSync('out/model', 'w');\nfs.writeFileSync('out/m.json', '{"auc": 1}');\n`;

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    [
      'parameters of train',
      { 'p.yaml': `a: ${'x'.repeat(5 << 20)}\n`, 't.mjs': WRITES },
      'bad-config',
      "The parameter file 'p.yaml' has 5242884 bytes",
    ],
    [
      'metrics that the command of train wrote',
      { 'p.yaml': 'a: 1\n', 't.mjs': `${WRITES}fs.truncateSync('out/m.json', 2 ** 40);\n` },
      'bad-input',
      "The metrics file 'out/m.json' has 1099511627776 bytes",
    ],
  ])('%s', async (_, files, reason, words) => {
    expectRefusal(await run('train', { 'sluice.yaml': TRAIN, ...files }, {}), reason, words);
  });

  test('a .dvc file of a terabyte beside the data of train', async () => {
    const config =
      'version: 1\nmodel: m\ndata: {train: d.csv}\ntrain: {run: node t.mjs, model-path: out/model}\n';
    const files = { 'sluice.yaml': config, 't.mjs': WRITES, 'd.csv': 'a\n', 'd.csv.dvc': '' };
    const step = await run('train', files, {}, async (folder) => {
      await mkdir(path.join(folder, '.dvc'));
      await truncate(path.join(folder, 'd.csv.dvc'), 2 ** 40);
    });
    expectRefusal(
      step,
      'bad-config',
      'd.csv.dvc has 1099511627776 bytes; at most 67108864 (64 MiB) are read',
    );
  });

  test('data of 300,000 columns', async () => {
    const csv = `${columns.join(',')}\n${columns.map(() => 1).join(',')}\n`;
    const step = await run('validate-data', { 'wide.csv': csv }, { model: 'm', data: 'wide.csv' });
    expectRefusal(step, 'unreadable-data', 'has 300000 columns or more; a data set may have 20000');
  });

  test('predictions of few bytes and 210 million values', async () => {
    const step = await run('evaluate-gate', { 'sluice.yaml': GATE }, { predictions: 'p.parquet' }, (folder) =>
      writeParquet(
        path.join(folder, 'p.parquet'),
        `SELECT 1 AS id, 1 AS label, ${Array.from({ length: 98 }, (_, i) => `0 AS c${i}`).join(', ')} FROM range(2100000)`,
      ),
    );
    expectRefusal(step, 'unreadable-data', 'it may have 200000000 values');
  });
});
