import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { serveGit } from '@sluice/testing/git-server.ts';
import { createGateProject, plainFolder, type GateProject } from '@sluice/testing/gate-project.ts';
import { runStep } from '@sluice/testing/action.ts';

// Each test runs the built action several times.
jest.setTimeout(120_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const config = (evaluations: number): string => `
version: 1
model: flights
data: {test: data/test.csv}
train: {model-path: out/model.json}
gate:
  evaluate: node evaluate.mjs {model-path} {predictions}
  budget: {evaluations: ${evaluations}}
  rules:
    - {metric: accuracy, min: 0.6}
`;

async function project(evaluations: number): Promise<GateProject> {
  const created = await createGateProject(config(evaluations));
  cleanups.push(() => created.remove());
  return created;
}

const refs = (own: GateProject): Promise<string> =>
  own.remoteGit('for-each-ref', '--format=%(refname)', 'refs/sluice');

describe('a budget of two models', () => {
  test('counts each model once, and warns from the third on', async () => {
    const own = await project(2);
    await own.candidate(0.1);
    const first = await own.gate();
    expect(first).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'new-baseline' } });
    expect(first.result['budget']).toEqual({ evaluations: 2, used: 1, counted: true });
    expect(first.summary).toContain('This test set has judged 1 of 2 models.');
    expect(await refs(own)).toMatch(/^refs\/sluice\/test-sets\/[0-9a-f]{64}$/);

    const again = await own.gate();
    expect(again.result['budget']).toEqual({ evaluations: 2, used: 1, counted: true });

    await own.candidate(0.11);
    expect((await own.gate()).result['budget']).toMatchObject({ used: 2 });
    await own.candidate(0.12);
    const third = await own.gate();
    expect(third).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'budget-spent' } });
    expect(third.result['budget']).toEqual({ evaluations: 2, used: 3, counted: true });
    expect(third.summary).toContain('**This test set has judged 3 models, and its budget is 2.**');
    expect(third.summary).toContain('Collect a fresh test set');
    expect(third.annotations[0]).toMatchObject({ level: 'warning' });

    // What it said of the first model still stands.
    await own.candidate(0.1);
    expect(await own.gate()).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    // A fresh test set has a budget of its own.
    await own.write({ 'data/test.csv': 'id,carrier,label\nf0,AA,0\nf1,UA,1\n' });
    expect((await own.gate()).result['budget']).toMatchObject({ used: 1 });
  });

  test('is that of the rows, whatever file, order and model are called', async () => {
    const own = await project(8);
    await own.candidate(0.1);
    await own.gate();
    const [head = '', ...rows] = (await own.read('data/test.csv')).trim().split('\n');
    const shuffled = [...rows.slice(7), ...rows.slice(0, 7)];
    await own.git('rm', '--quiet', '--cached', 'data/test.csv');
    await own.write({
      'data/fresh.csv': `${[head, ...shuffled].join('\n')}\n\n`,
      'sluice.yaml': config(8).replace('data/test.csv', 'data/fresh.csv').replace('flights', 'flights2'),
    });
    await own.candidate(0.11);
    const step = await own.gate();
    expect(step.result['budget']).toEqual({ evaluations: 8, used: 2, counted: true });
  });

  test('does not make a failure green', async () => {
    const own = await project(1);
    await own.candidate(0.1);
    await own.gate();
    await own.candidate(0.7);
    const step = await own.gate();
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'below-limit' } });
    expect(step.summary).toContain('This test set has judged 2 models, and its budget is 1.');
  });
});

describe('what cannot be counted is said', () => {
  test('a token that may only read: a warning with the permission to add; a counted model needs none', async () => {
    const own = await project(8);
    await own.candidate(0.1);
    await own.gate();
    const server = await serveGit(own.root, (_, service) => service === 'read');
    cleanups.push(() => server.close());
    await own.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
    expect(await own.gate()).toMatchObject({ code: 0, outputs: { decision: 'pass' } });

    await own.candidate(0.2);
    const step = await own.gate();
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'budget-uncounted' } });
    expect(step.result['budget']).toEqual({ evaluations: 8, used: 1, counted: false });
    expect(step.annotations[0]?.message).toContain('permissions:\n  contents: write');
    expect(step.summary).toContain('This model was not counted');
  });

  test('no remote', async () => {
    const own = await project(8);
    await own.candidate(0.1);
    await own.git('remote', 'remove', 'origin');
    const step = await own.gate();
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'budget-uncounted' } });
    expect(step.result['budget']).toEqual({ evaluations: 8, used: null, counted: false });
    expect(step.annotations[0]?.message).toMatch(/not known how many.*no git remote 'origin'/);
  });

  test('a damaged count', async () => {
    const own = await project(8);
    await own.candidate(0.1);
    await own.gate();
    const ref = await refs(own);
    await own.remoteGit('update-ref', ref, 'main');
    const step = await own.gate();
    expect(step).toMatchObject({ outputs: { decision: 'warn', 'reason-code': 'budget-uncounted' } });
    expect(step.annotations[0]?.message).toContain(`git push origin :${ref}`);
  });

  test('a dry run, which writes nothing and changes no verdict', async () => {
    const own = await project(8);
    await own.candidate(0.1);
    const step = await own.gate({ inputs: { 'dry-run': 'true' } });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(step.result['budget']).toEqual({ evaluations: 8, used: 0, counted: false });
    expect(step.summary).toContain('This model was not counted: This is a dry run.');
    expect(await refs(own)).toBe('');
  });
});

test('without a model its predictions are counted', async () => {
  const own = await project(8);
  const row = (id: string, prediction: number): string => `${id},1,${prediction}\n`;
  await own.write({ 'data/test.csv': 'id,carrier,label\nx,AA,1\ny,UA,1\n' });
  await own.write({ 'a.csv': `id,label,prediction\n${row('x', 1)}${row('y', 1)}` });
  await own.write({ 'b.csv': `id,label,prediction\n${row('x', 1)}${row('y', 0)}` });
  await own.write({
    'sluice.yaml': config(8)
      .replace(/^train:.*$/m, '')
      .replace(/^ {2}evaluate:.*$/m, ''),
  });
  const judge = async (predictions: string): Promise<unknown> =>
    (await own.gate({ inputs: { predictions } })).result['budget'];
  expect(await judge('a.csv')).toMatchObject({ used: 1 });
  expect(await judge('a.csv')).toMatchObject({ used: 1 });
  expect(await judge('b.csv')).toMatchObject({ used: 2 });
});

test('nothing is counted unless it is asked for', async () => {
  const own = await createGateProject();
  cleanups.push(() => own.remove());
  await own.candidate(0.1);
  const step = await own.gate();
  expect(step.result['budget']).toBeNull();
  expect(await refs(own)).toBe('');
});

test.each([
  ['no test set is named', 'bad-config', '{evaluations: 3}', /no test set is named/],
  ['none at all', 'bad-config', '{evaluations: 0}', /evaluations/],
  ['a misspelt key', 'bad-config', '{evaluations: 3, model: m}', /unknown key 'model'/],
])('a budget where %s', async (_, reason, budget, message) => {
  const text = `version: 1\nmodel: m\ngate: {budget: ${budget}, rules: [{metric: auc, min: 0.5}]}\n`;
  const { folder, remove } = await plainFolder({ 'm.json': '{"auc": 0.7}', 'sluice.yaml': text });
  cleanups.push(remove);
  const step = await runStep('evaluate-gate', { workspace: folder, inputs: { metrics: 'm.json' } });
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
  expect(step.annotations[0]?.message).toMatch(message);
});
