import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { runStep } from '@sluice/testing/action.ts';
import { createGateProject, plainFolder, testRows, type GateProject } from '@sluice/testing/gate-project.ts';
import { serveGit } from '@sluice/testing/git-server.ts';

// Each test runs the built action, most of them several times.
jest.setTimeout(120_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

interface Written {
  readonly condition?: string;
  readonly mode?: string;
  readonly adaptivity?: string;
  readonly steps?: number;
  readonly more?: string;
}

function rule({
  condition = 'n - o > 0 +/- 0.1',
  mode = 'fp-free',
  adaptivity = 'none',
  steps = 2,
  more = '',
}: Written): string {
  return `{condition: '${condition}', reliability: 0.9, mode: ${mode}, adaptivity: ${adaptivity}, steps: ${steps}${more}}`;
}

function config(written: Written): string {
  return `
version: 1
model: flights
data: {test: data/test.csv}
train: {model-path: out/model.json}
gate:
  baseline: latest
  evaluate: node evaluate.mjs {model-path} {predictions}
  rules:
    - ${rule(written)}
`;
}

/** A project whose registered version gets 40 % of 1,000 rows wrong. */
async function project(written: Written = {}, rows = 1000): Promise<GateProject> {
  const created = await createGateProject(config(written));
  cleanups.push(() => created.remove());
  await created.write({ 'data/test.csv': testRows(rows) });
  await created.register('v1.0.0', 0.4);
  return created;
}

describe('a condition', () => {
  test('that holds is a pass with its numbers in log, report and result', async () => {
    const own = await project();
    await own.candidate(0.1);
    const step = await own.gate();
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
    expect(step.result).toMatchObject({
      conditions: [
        {
          id: 'condition',
          condition: 'n - o > 0 +/- 0.1',
          verdict: 'pass',
          truth: 'true',
          n: 1000,
          'n-required': 738,
          clauses: [
            {
              estimate: expect.closeTo(0.3, 12),
              tolerance: 0.1,
              threshold: 0,
              'n-required': 738,
              bound: 'hoeffding',
            },
          ],
        },
      ],
      budget: { evaluations: 2, used: 1, counted: true },
      summary: { passed: 1 },
    });
    expect(step.stdout).toContain(
      'condition needs 738 rows to be 90 % reliable over 2 models, adaptivity none; 1,000 are at hand. n - o > 0 +/- 0.1: 738 (hoeffding)',
    );
    expect(step.summary).toContain('<summary>Conditions (1), all accepted</summary>');
    expect(step.summary).toContain(
      '| `condition` `n - o` | pass | 0.3000 | ±\u00a00.1000 | more than\u00a00.0000 | 1,000 | 738 |',
    );
    expect(step.summary).toContain('This test set has judged 1 of 2 models.');
  });

  test('that is open is rejected by fp-free and accepted by fn-free', async () => {
    const own = await project();
    await own.candidate(0.35);
    const rejected = await own.gate();
    expect(rejected).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'condition-rejected', 'failed-rules': '["condition"]' },
    });
    expect(rejected.result).toMatchObject({ conditions: [{ verdict: 'fail', truth: 'unknown' }] });
    expect(rejected.annotations[0]?.message).toContain(
      'condition: n - o > 0 is open: n - o is 0.0500 ± 0.1. The tolerance leaves it open, and mode fp-free rejects',
    );
    expect(rejected.summary).toContain('n - o above 0.1000 would be accepted.');
    expect(rejected.summary).toContain('#### Conditions');

    await own.write({ 'sluice.yaml': config({ mode: 'fn-free' }) });
    expect(await own.gate()).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
  });

  test('with too few rows is red and says how many it needs', async () => {
    const own = await project({ mode: 'fn-free' }, 200);
    await own.candidate(0.1);
    const step = await own.gate();
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'too-few-rows' } });
    expect(step.result).toMatchObject({
      conditions: [{ n: 200, 'n-required': 738, reason: 'too-few-rows' }],
    });
    expect(step.annotations[0]?.message).toMatch(/there are 200 rows.*needs 738 \(they allow \+\/- 0\.2\)/);
  });

  test('with a limit on changed predictions needs fewer rows', async () => {
    const own = await project({ condition: 'd < 0.5 +/- 0.1 /\\ n - o > 0 +/- 0.1' });
    await own.candidate(0.1);
    const step = await own.gate();
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(step.result).toMatchObject({
      conditions: [
        { clauses: [{ estimate: expect.closeTo(0.3, 12), bound: 'hoeffding' }, { bound: 'bennett' }] },
      ],
    });
    expect(step.summary).toContain('pass (holds)');
  });

  test('without a baseline waits for one', async () => {
    const created = await createGateProject(config({}));
    cleanups.push(() => created.remove());
    await created.write({ 'data/test.csv': testRows(1000) });
    await created.candidate(0.1);
    expect(await created.gate()).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'new-baseline' },
      result: { conditions: [{ verdict: 'new-baseline' }] },
    });
  });
});

describe('the steps of a condition', () => {
  test('are counted, and after the last nothing passes', async () => {
    const own = await project({ mode: 'fn-free' });
    for (const errors of [0.1, 0.11]) {
      await own.candidate(errors);
      expect(await own.gate()).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    }
    await own.candidate(0.12);
    const third = await own.gate();
    expect(third).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'budget-spent' } });
    expect(third.annotations[0]?.message).toContain('Collect a fresh test set');
    // A blank line makes no fresh test set.
    await own.write({ 'data/test.csv': `${await own.read('data/test.csv')}\n\n` });
    expect(await own.gate()).toMatchObject({ code: 1, outputs: { 'reason-code': 'budget-spent' } });
    // What was said of an earlier model still holds.
    await own.candidate(0.1);
    expect(await own.gate()).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
  });

  test('with first-change end with the first model that is accepted', async () => {
    const own = await project({ adaptivity: 'first-change', steps: 4 });
    await own.candidate(0.45);
    expect(await own.gate()).toMatchObject({ code: 1, outputs: { 'reason-code': 'condition-rejected' } });
    await own.candidate(0.1);
    expect(await own.gate()).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(await own.gate()).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    await own.candidate(0.05);
    const next = await own.gate();
    expect(next).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'budget-spent' } });
    expect(next.annotations[0]?.message).toContain('ends with the first model that is accepted');
  });

  test('that cannot be counted are no pass: the permission to add is named', async () => {
    const own = await project();
    await own.candidate(0.1);
    const server = await serveGit(own.root, (_, service) => service === 'read');
    cleanups.push(() => server.close());
    await own.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
    const step = await own.gate();
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'error', 'reason-code': 'budget-uncounted' },
    });
    expect(step.annotations[0]?.message).toContain('permissions:\n  contents: write');
    expect(step.result).toMatchObject({ budget: { evaluations: 2, used: 0, counted: false } });
  });

  test('of a dry run are not counted, so that it warns at best', async () => {
    const own = await project();
    await own.candidate(0.1);
    const step = await own.gate({ inputs: { 'dry-run': 'true' } });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'budget-uncounted' } });
    expect(step.annotations[0]?.message).toContain('not counted');
    expect(await own.remoteGit('for-each-ref', 'refs/sluice')).toBe('');
  });
});

test.each<[string, string, RegExp, string]>([
  [
    'a variable that is none',
    `- ${rule({ condition: 'n - q > 0 +/- 0.1' })}`,
    /position 5: there is 'q'/,
    'bad-config',
  ],
  [
    'a condition that nothing fulfils',
    `- ${rule({ condition: 'n > 1 +/- 0.1' })}`,
    /reject every model/,
    'bad-config',
  ],
  ['a missing key', `- {condition: 'n > 0.5 +/- 0.1'}`, /reliability/, 'bad-input'],
  ['a mode that is none', `- ${rule({ mode: 'free' })}`, /fp-free/, 'bad-input'],
  ['the adaptivity in camel case', `- ${rule({ adaptivity: 'firstChange' })}`, /first-change/, 'bad-input'],
  ['more steps than are counted', `- ${rule({ steps: 1001 })}`, /1000/, 'bad-input'],
  ['a misspelt key', `- ${rule({ more: ', severty: warn' })}`, /'severity'/, 'bad-input'],
  ['no test set', `- ${rule({})}`, /no test set is named/, 'bad-config'],
])('%s is refused', async (_, rules, message, reason) => {
  const { folder, remove } = await plainFolder({ 'p.csv': 'id,label,prediction\na,1,1\n' });
  cleanups.push(remove);
  const step = await runStep('evaluate-gate', {
    workspace: folder,
    inputs: { model: 'm', predictions: 'p.csv', rules },
  });
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
  expect(step.annotations[0]?.message).toMatch(message);
});
