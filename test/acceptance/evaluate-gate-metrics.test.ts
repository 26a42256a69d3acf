import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { createGateProject, plainFolder } from '@sluice/testing/gate-project.ts';

// Each test runs the built action, which loads its data engine.
jest.setTimeout(60_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const csv = (head: string, rows: readonly (readonly unknown[])[]): string =>
  `${head}\n${rows.map((row) => row.join(',')).join('\n')}\n`;

async function gate(
  files: { readonly new: string; readonly old?: string },
  inputs: Readonly<Record<string, string>>,
): Promise<StepResult> {
  const { folder, remove } = await plainFolder({
    'new.csv': files.new,
    ...(files.old === undefined ? {} : { 'old.csv': files.old }),
    'sluice.yaml': 'version: 1\nmodel: m\n',
  });
  cleanups.push(remove);
  const baseline = files.old === undefined ? {} : { 'baseline-predictions': 'old.csv' };
  return runStep('evaluate-gate', {
    workspace: folder,
    inputs: { predictions: 'new.csv', ...baseline, ...inputs },
  });
}

const rulesOf = (step: StepResult): Record<string, unknown>[] =>
  step.result['rules'] as Record<string, unknown>[];

describe('rankings', () => {
  /** 60 queries of four rows each, one of them relevant; it ranks first, in `missed` queries second. */
  const ranking = (missed: number): string =>
    csv(
      'id,question,label,score',
      Array.from({ length: 240 }, (_, i) => {
        const query = Math.floor(i / 4);
        const score = i % 4 === 0 ? (query < missed ? 0.5 : 0.9) : i % 4 === 1 ? 0.7 : 0.1;
        return [`r${i}`, `q${query}`, i % 4 === 0 ? 1 : 0, score];
      }),
    );
  const rules = '- {metric: mrr, max-regression: 0.05}\n- {metric: ndcg@3, min: 0.9}';

  test('are compared query by query', async () => {
    const step = await gate({ new: ranking(12), old: ranking(6) }, { rules, columns: 'query: question' });
    expect(rulesOf(step)).toMatchObject([
      { candidate: 0.9, baseline: 0.95, test: 'paired-t', n: 60, verdict: 'inconclusive' },
      { candidate: expect.closeTo(0.8 + 0.2 / Math.log2(3), 12), verdict: 'pass' },
    ]);
    expect(step.summary).toMatch(/There are 60 queries.*About \d+ queries would settle it/);
  });

  test('without a query column are an error', async () => {
    const step = await gate({ new: ranking(0) }, { rules });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'missing-metric' } });
    expect(step.summary).toContain('columns.query');
  });

  test('of other queries are another test set', async () => {
    const step = await gate(
      { new: ranking(0), old: ranking(0).replaceAll(',q1,', ',q0,') },
      { rules, columns: 'query: question' },
    );
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'different-test-set' } });
  });
});

describe('repeats', () => {
  /** 40 rows with so many runs, each wrong in its own rows. */
  const runs = (seeds: number, wrong: (row: number, seed: number) => boolean): string =>
    csv(
      'id,seed,label,prediction,group',
      Array.from({ length: 40 * seeds }, (_, i) => {
        const [row, seed] = [i % 40, Math.floor(i / 40)];
        const label = row % 2;
        return [`r${row}`, seed, label, wrong(row, seed) ? 1 - label : label, row < 20 ? 'a' : 'b'];
      }),
    );
  const rules =
    '- {metric: accuracy, max-regression: 0.5, slices: [{by: group}]}\n- {metric: f1, max-regression: 0.5}';

  test('are averaged per row, also of models with different numbers of them', async () => {
    const step = await gate(
      { new: runs(3, (row, seed) => row < 4 * (seed + 1)), old: runs(2, (row) => row < 2) },
      { rules, columns: 'repeat: seed' },
    );
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(rulesOf(step)).toMatchObject([
      { candidate: expect.closeTo(0.8, 12), baseline: expect.closeTo(0.95, 12), test: 'paired-t', n: 40 },
      { slice: { group: 'a' }, n: 20 },
      { slice: { group: 'b' }, n: 20, evidence: 'identical' },
      { test: 'bootstrap', n: 40 },
    ]);
  });

  test.each<[string, string, string | undefined, string, RegExp]>([
    [
      'that are not named',
      runs(2, () => false),
      undefined,
      'duplicate-id',
      /'r0' occurs twice.*columns\.repeat/,
    ],
    [
      'with a run twice',
      runs(2, () => false).replace('r0,1,', 'r0,0,'),
      'repeat: seed',
      'duplicate-id',
      /'r0' occurs twice in repeat '0'/,
    ],
    [
      'that lack a row',
      runs(2, () => false).replace(/^r3,1,.*\n/m, ''),
      'repeat: seed',
      'unreadable-data',
      /'r3' has no row in repeat '1'/,
    ],
    ['of no column', runs(1, () => false), 'repeat: run', 'unreadable-data', /no column 'run'/],
  ])('%s are an error', async (_, predictions, columns, reason, message) => {
    const step = await gate({ new: predictions }, { rules, ...(columns === undefined ? {} : { columns }) });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
    expect(step.result['message']).toMatch(message);
  });
});

describe('latency', () => {
  const timed = (slower: number): string =>
    csv(
      'id,label,prediction,latency-ms',
      Array.from({ length: 200 }, (_, i) => [`r${i}`, 1, 1, 10 + (i % 50) + slower]),
    );

  test('percentiles come from the predictions', async () => {
    const rules =
      '- {metric: latency-p95-ms, max: 80, max-regression: 5}\n- {metric: latency-p50-ms, max: 20}';
    const step = await gate({ new: timed(20), old: timed(0) }, { rules });
    expect(step).toMatchObject({ code: 1, outputs: { 'failed-rules': '["latency-p50-ms"]' } });
    expect(rulesOf(step)).toMatchObject([
      { direction: 'lower', candidate: 77, baseline: 57, test: 'bootstrap' },
      { candidate: 54.5, verdict: 'fail' },
    ]);
  });

  test('without a column and a log is an error', async () => {
    const step = await gate(
      { new: timed(0).replace('latency-ms', 'ms') },
      { rules: '- {metric: latency-p95-ms, max: 80}' },
    );
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'missing-metric' } });
    expect(step.summary).toContain('columns.latency');
  });
});

describe('model-bytes', () => {
  const sized = async (
    rules: string,
    evaluate: boolean,
  ): Promise<Awaited<ReturnType<typeof createGateProject>>> => {
    const scored = '  evaluate: node evaluate.mjs {model-path} {predictions}\n';
    const project = await createGateProject(
      `version: 1\nmodel: flights\ndata: {test: data/test.csv}\ntrain: {model-path: out/model.json, metrics: m.json}\ngate:\n${evaluate ? scored : ''}  rules:\n    ${rules}\n`,
    );
    cleanups.push(() => project.remove());
    await project.write({ 'm.json': '{}' });
    await project.candidate(0.05);
    return project;
  };
  const rule = '- {metric: model-bytes, max: 1000, max-regression: 2}';

  test('are counted from the files of both models where the baseline is scored again', async () => {
    const project = await sized(rule, true);
    await project.register('v1.0.0', 0.1);
    const step = await project.gate();
    const [candidate, baseline] = ['{"errors":0.05}', '{"errors":0.1}'].map((text) => text.length);
    expect(rulesOf(step)).toMatchObject([{ direction: 'lower', candidate, baseline, verdict: 'pass' }]);
    expect(JSON.parse(await project.read('.sluice/gate/gate.json'))).toMatchObject({
      metrics: { 'model-bytes': candidate },
    });
  });

  test('are what was recorded otherwise, whatever the test set was', async () => {
    const project = await sized(rule, false);
    const record = { metrics: { 'model-bytes': 5 }, 'test-set-digest': 'f'.repeat(64), predictions: null };
    await project.register('v1.0.0', 0.1, { 'gate.json': JSON.stringify(record) });
    const step = await project.gate();
    expect(rulesOf(step)).toMatchObject([{ baseline: 5, verdict: 'fail' }]);
  });

  test('that are not known of the baseline cannot be compared, which is no pass', async () => {
    const project = await sized(rule, false);
    await project.register('v1.0.0', 0.1);
    const step = await project.gate();
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error' } });
  });
});

test('the pinball loss of a quantile', async () => {
  const predictions = csv('id,label,prediction', [
    ['a', 10, 8],
    ['b', 10, 14],
  ]);
  const step = await gate({ new: predictions }, { rules: '- {metric: pinball-0.9, max: 1.2}' });
  expect(rulesOf(step)).toMatchObject([{ direction: 'lower', candidate: expect.closeTo(1.1, 12) }]);
});

test('groups are crossed and compared with the baseline', async () => {
  const rows = (selected: number): string =>
    csv(
      'id,label,prediction,sex,age',
      Array.from({ length: 80 }, (_, i) => [
        `r${i}`,
        i % 2,
        i < 20 ? Number(i < selected) : i % 2,
        i < 40 ? 'f' : 'm',
        i % 40 < 20 ? 'old' : 'young',
      ]),
    );
  const rules = '- {fairness: demographic-parity, by: [sex, age], max-regression: 0.1}';
  const step = await gate({ new: rows(2), old: rows(9) }, { rules });
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'group-difference' } });
  expect(step.result).toMatchObject({
    fairness: [
      {
        by: ['sex', 'age'],
        difference: expect.closeTo(0.4, 12),
        'baseline-difference': expect.closeTo(0.05, 12),
        groups: expect.arrayContaining([
          expect.objectContaining({
            group: { sex: 'f', age: 'old' },
            rates: [expect.objectContaining({ value: 0.1, interval: expect.anything() })],
            'baseline-rates': [expect.objectContaining({ value: 0.45 })],
          }),
        ]),
      },
    ],
  });
  expect(step.summary).toContain('| f | old | 20 | 0.1000');
  const first = await gate({ new: rows(2) }, { rules });
  expect(first).toMatchObject({ code: 0, result: { fairness: [{ verdict: 'new-baseline' }] } });
});

test('slices are crossed', async () => {
  const rows = csv(
    'id,label,prediction,sex,age',
    Array.from({ length: 40 }, (_, i) => [
      `r${i}`,
      1,
      Number(i >= 5),
      i < 20 ? 'f' : 'm',
      i % 20 < 10 ? 'old' : 'young',
    ]),
  );
  const rules = '- {metric: accuracy, min: 0.8, slices: [{by: [sex, age], min-n: 10}]}';
  const step = await gate({ new: rows }, { rules });
  expect(rulesOf(step)).toContainEqual(
    expect.objectContaining({ slice: { sex: 'f', age: 'old' }, candidate: 0.5, n: 10, verdict: 'fail' }),
  );
  expect(step.summary).toMatch(/accuracy where sex = f, age = old/);
});

test('no two rules are called alike, of whatever kind', async () => {
  const rules = ['- {metric: accuracy, name: cases, min: 0}', '- {cases: [a], must: stay-correct}'].join(
    '\n',
  );
  const step = await gate({ new: 'id,label,prediction\na,1,1\n' }, { rules });
  expect(step.result).toMatchObject({ rules: [{ id: 'cases' }], cases: [{ id: 'cases-2' }] });
});
