import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { sha256 as digestOf } from '../../packages/core/src/digest/files.ts';
import { digestModel } from '../../packages/core/src/digest/model.ts';
import { parseStatement } from '../../packages/core/src/evidence/statement.ts';
import { besideModel } from '@sluice/testing/stored-file.ts';
import { createGateProject, testRows, type GateProject } from '@sluice/testing/gate-project.ts';

// Each test runs the built action, most of them several programs.
jest.setTimeout(60_000);

let project: GateProject;

beforeEach(async () => {
  project = await createGateProject();
});

afterEach(async () => {
  await project.remove();
});

test('without a registered version the absolute limits count, and it says that this is the first', async () => {
  await project.candidate(0.1);
  const step = await project.gate();
  expect(step).toMatchObject({
    code: 0,
    outputs: { decision: 'pass', 'reason-code': 'new-baseline', 'failed-rules': '[]' },
  });
  expect(step.result).toMatchObject({
    baseline: null,
    rules: [{ id: 'accuracy', verdict: 'new-baseline', candidate: 0.9, n: 200 }],
  });
  expect(step.summary).toContain('no version of flights is registered');
});

describe('with a champion', () => {
  beforeEach(async () => {
    await project.register('v1.0.0', 0.1);
    await project.register('v2.0.0', 0.3);
    await project.assign('v1.0.0', 'production');
  });

  test('a model that is as good passes and is vouched for', async () => {
    await project.candidate(0.1);
    const step = await project.gate();
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
    expect(step.result).toMatchObject({
      baseline: { source: 'champion', version: 'v1.0.0', 'age-seconds': expect.any(Number) },
      rules: [{ verdict: 'pass', candidate: 0.9, baseline: 0.9, change: 0 }],
    });
    const statement = parseStatement(await project.read('.sluice/evidence/evaluate-gate.json'));
    const { sha256 } = await digestModel(path.join(project.workspace, 'out/model.json'));
    expect(statement).toMatchObject({
      subject: [
        { name: 'model:flights', digest: { sha256 } },
        { name: 'openssf-model-signing:flights' },
        { name: 'gate.json', digest: { sha256: digestOf(await project.read('.sluice/gate/gate.json')) } },
        {
          name: 'predictions.csv',
          digest: { sha256: digestOf(await project.read('.sluice/gate/predictions.csv')) },
        },
      ],
      predicate: {
        result: 'PASSED',
        configuration: [{ name: 'data/test.csv' }, { name: 'rules' }, { name: 'baseline:flights@v1.0.0' }],
      },
    });
    expect(step.outputs['evidence']).toBe(
      path.join(project.workspace, '.sluice/evidence/evaluate-gate.json'),
    );
    expect(JSON.parse(await project.read('.sluice/gate/gate.json'))).toMatchObject({
      metrics: { accuracy: 0.9 },
      'model-digest': sha256,
      'test-set-digest': expect.stringMatching(/^[0-9a-f]{64}$/),
      predictions: 'predictions.csv',
    });
    expect(await project.read('.sluice/gate/predictions.csv')).toContain('f199');
  });

  test('a worse model is red, with the metric diff in the summary', async () => {
    await project.candidate(0.2);
    const step = await project.gate();
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'regression', 'failed-rules': '["accuracy"]' },
    });
    expect(step.annotations).toMatchObject([
      { level: 'error', message: expect.stringContaining('accuracy fell by 0.1000') },
    ]);
    expect(step.summary).toContain('does not pass its gate');
    expect(step.summary).toMatch(
      /\| accuracy \| higher \| \*\*fail\*\* \| 0\.9000 \| 0\.8000 \| −0\.1000 \|/,
    );
    expect(step.summary).toMatch(/`v1\.0\.0` \(commit `[0-9a-f]{7}`, 3 days old, from `champion`\)/);
    expect(await project.read('.sluice/gate/report.md')).toBe(step.summary.trimEnd() + '\n');
    expect(parseStatement(await project.read('.sluice/evidence/evaluate-gate.json'))).toMatchObject({
      predicate: { result: 'FAILED', failedTests: ['accuracy'] },
    });
  });

  test.each([
    ['latest', 'v2.0.0'],
    ['deployed:staging\nlatest', 'v2.0.0'],
    ['deployed:production', 'v1.0.0'],
  ])('baseline %j is %s', async (baseline, version) => {
    await project.candidate(0.05);
    const step = await project.gate({ inputs: { baseline } });
    expect(step.result).toMatchObject({ decision: 'pass', baseline: { version } });
  });

  test('the merge base of what is checked out is the version registered there', async () => {
    await project.candidate(0.05);
    await project.commit('A change');
    expect((await project.gate({ inputs: { baseline: 'merge-base' } })).result).toMatchObject({
      baseline: { version: 'v2.0.0' },
    });
    await project.commit('Another change');
    const step = await project.gate({ inputs: { baseline: 'merge-base' } });
    expect(step.result).toMatchObject({ baseline: { version: 'v2.0.0', 'commits-behind': 1 } });
    expect(step.stdout).toContain('fallback: 1 commit before the merge base');
  });

  test.each([['--depth=1'], ['--depth=1', '--no-tags']])(
    'a shallow checkout (%s) knows the champion',
    async (...args) => {
      const clone = await project.clone(...args);
      await project.git('-C', clone, 'checkout', '--quiet', '--detach');
      await project.candidate(0.1);
      const step = await project.gate({
        env: { GITHUB_WORKSPACE: clone },
        inputs: { 'model-path': 'sluice.yaml', evaluate: 'node evaluate.mjs {model-path} {predictions}' },
      });
      expect(step.stdout).toContain('Baseline: v1.0.0 from champion');
    },
  );

  test('a slice may not pay for the average', async () => {
    await project.candidate(0.1);
    const rules = '- {metric: accuracy, min: 0.5, slices: [{by: carrier, min-n: 60}, {by: plane}]}';
    const step = await project.gate({ inputs: { rules } });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'empty-slice' } });
    expect(step.result).toMatchObject({
      rules: [
        { slice: null },
        { slice: { carrier: 'UA' }, n: 150, verdict: 'pass' },
        { slice: { carrier: 'AA' }, n: 50, verdict: 'not-judged' },
        { verdict: 'error' },
      ],
    });
  });

  test('bytes of the baseline that were changed in the store are not compared with', async () => {
    const { sha256 } = await digestModel(path.join(project.root, 'model.json'));
    await project.candidate(0.1);
    await writeFile(
      path.join(project.root, 'store/flights/sha256', sha256, 'model/model.json'),
      '{"errors": 0.9}',
    );
    const step = await project.gate({ inputs: { baseline: 'latest' } });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'evidence-mismatch' } });
  });
});

describe('stored numbers of the baseline', () => {
  const predictions = (errors: number): string =>
    testRows()
      .trim()
      .split('\n')
      .map((line, i) => {
        if (i === 0) return 'id,label,prediction,score';
        const [id, , label] = line.split(',');
        const right = (i * 37) % 100 >= errors * 100;
        return `${id},${label},${right ? label : 1 - Number(label)},0.5`;
      })
      .join('\n');
  const record = (digest: string | null): string =>
    JSON.stringify({
      metrics: { accuracy: 0.9, 'lat.p95': 10 },
      'test-set-digest': digest,
      predictions: 'predictions.csv',
    });
  const run = (): ReturnType<GateProject['gate']> =>
    project.gate({
      inputs: {
        predictions: 'out/p.csv',
        metrics: 'out/m.json',
        rules:
          '- {metric: accuracy, max-regression: 0.02}\n- {metric: lat.p95, direction: lower, max-regression: 10%}',
      },
    });

  beforeEach(async () => {
    await project.write({
      'sluice.yaml':
        'version: 1\nmodel: flights\ndata: {test: data/test.csv}\ntrain: {model-path: out/model.json}\n',
      'out/p.csv': predictions(0.1),
      'out/m.json': '{"lat": {"p95": 11}}',
    });
    await project.candidate(0.1);
    await project.gate({ inputs: { predictions: 'out/p.csv', rules: '- {metric: accuracy, min: 0}' } });
  });

  test('count when the test set and its rows agree', async () => {
    const { 'test-set-digest': digest } = JSON.parse(await project.read('.sluice/gate/gate.json')) as Record<
      string,
      string
    >;
    await project.register('v1.0.0', 0.1, {
      'gate.json': record(digest ?? ''),
      'predictions.csv': predictions(0.1)
        .split('\n')
        .reverse()
        .join('\n')
        .replace(/([^]*)\n(.*)$/, '$2\n$1'),
    });
    expect((await run()).result).toMatchObject({
      decision: 'pass',
      rules: [{ change: 0 }, { candidate: 11, baseline: 10, verdict: 'pass' }],
    });
  });

  test('are named in the statement when they were given', async () => {
    await run();
    const file = await project.read('.sluice/evidence/evaluate-gate.json');
    expect(parseStatement(file)).toMatchObject({
      subject: [{ name: 'model:flights' }, { name: 'openssf-model-signing:flights' }, { name: 'gate.json' }],
      predicate: {
        configuration: [
          { name: 'data/test.csv' },
          { name: 'rules' },
          { name: 'predictions', digest: { sha256: digestOf(await project.read('out/p.csv')) } },
          { name: 'metrics', digest: { sha256: digestOf(await project.read('out/m.json')) } },
        ],
      },
    });
  });

  test.each<[string, string, (text: string) => string, RegExp]>([
    ['gate.json', 'gate.json', (text) => text.replace('0.9', '0.8'), /gate\.json of v1\.0\.0 was changed/],
    ['metrics.json', 'metrics.json', () => '{"lat.p95": 20}', /metrics\.json of v1\.0\.0 was changed/],
    [
      'predictions',
      'predictions.csv',
      (text) => text.replace('f3,1,1', 'f3,1,0'),
      /predictions\.csv of v1\.0\.0 was changed/,
    ],
    ['passport', 'passport.jsonl', (text) => `${text}\n`, /passport .*passport\.jsonl is sha256:.*but tag/],
  ])('are refused when the stored %s was changed', async (_, name, change, says) => {
    const { 'test-set-digest': digest } = JSON.parse(await project.read('.sluice/gate/gate.json')) as Record<
      string,
      string
    >;
    const model = await project.register('v1.0.0', 0.1, {
      'gate.json': record(digest ?? ''),
      'metrics.json': '{"lat.p95": 10}',
      'predictions.csv': predictions(0.1),
    });
    expect(await run()).toMatchObject({ code: 0 });
    const file = await besideModel(path.join(project.root, 'store/flights/sha256', model), name);
    await writeFile(file, change(await readFile(file, 'utf8')));
    const step = await run();
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'evidence-mismatch' } });
    expect(step.annotations.map(({ message }) => message).join()).toMatch(says);
    // No machine has so much memory.
    await truncate(file, 2 ** 41);
    expect((await run()).stdout).toMatch(/has 2199023255552 bytes, and /);
  });

  test.each([
    ['another test set', 'f'.repeat(64), undefined],
    ['a test set nobody recorded', null, undefined],
    ['other rows', undefined, 'id,label,prediction,score\nf0,0,0,0.1\n'],
    ['other labels', undefined, predictions(0.1).replace('f7,1', 'f7,0')],
  ])('are an error with %s', async (_, digest, stored) => {
    const own = JSON.parse(await project.read('.sluice/gate/gate.json')) as Record<string, string>;
    const then = digest === undefined ? (own['test-set-digest'] ?? '') : digest;
    await project.register('v1.0.0', 0.1, {
      'gate.json': record(then),
      'predictions.csv': stored ?? predictions(0.1),
    });
    expect(await run()).toMatchObject({
      code: 1,
      outputs: { decision: 'error', 'reason-code': 'different-test-set' },
    });
  });
});
