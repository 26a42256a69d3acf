import { afterEach, describe, expect, jest, test } from '@jest/globals';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { pullRequest } from '@sluice/testing/gate-project.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

// Each test plays several runs of the built actions.
jest.setTimeout(180_000);

let repository: TestRepository;
let runs = 0;
afterEach(() => repository.remove());

const REGISTRY = "registry: {type: git, store: 'dir:${MODEL_STORE}'}\n";
const NUMBERS = (accuracy: number): string => JSON.stringify({ accuracy });

/** A scorer that is right in as many of ten rows as the model says, under the name that the code looks for. */
const scorer = (key: string): string => `
import { readFileSync, writeFileSync } from 'node:fs';
const model = JSON.parse(readFileSync(process.argv[2], 'utf8'));
if (!('${key}' in model)) {
  console.error('the model has no ${key}');
  process.exit(1);
}
const rows = readFileSync('data/test.csv', 'utf8').trim().split('\\n').slice(1).map((row) => row.split(','));
const line = ([id, label], i) => [id, label, i % 10 < model.${key} ? label : 1 - label].join(',');
writeFileSync(process.argv[3], ['id,label,prediction', ...rows.map(line)].join('\\n') + '\\n');
`;
const table = (rows: number): string =>
  ['id,label', ...Array.from({ length: rows }, (_, i) => `r${i},${i % 2}`)].join('\n') + '\n';

async function start(files: Readonly<Record<string, string>>): Promise<void> {
  repository = await createRepository({ '.gitignore': '.sluice/\nout/\n', ...files });
}

/** Commits files, and judges that as a pull request into main; the head is checked out unless told otherwise. */
async function change(
  files: Readonly<Record<string, string>>,
  { workspace }: { readonly workspace?: () => Promise<string> } = {},
): Promise<StepResult> {
  await repository.git('switch', '--quiet', '--force-create', 'change');
  await repository.write(files);
  await repository.git('add', '--all');
  await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Change');
  await repository.git('push', '--quiet', '--force', 'origin', 'change');
  return judge(workspace === undefined ? repository.workspace : await workspace(), true);
}

/** Judges what is checked out, in a run of its own. */
async function judge(workspace: string, isPull: boolean): Promise<StepResult> {
  const { root } = repository;
  const head = await repository.git('rev-parse', 'change').catch(() => undefined);
  const github = { env: {} };
  const event = isPull
    ? await pullRequest({ root, run: ++runs, github, head })
    : { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' };
  return runStep('evaluate-gate', {
    workspace,
    env: { MODEL_STORE: path.join(root, 'store'), ...event },
  });
}

/** Merges the change, then judges and registers on main. */
async function merge(): Promise<{ gate: StepResult; registered: StepResult }> {
  await repository.git('switch', '--quiet', 'main');
  await repository.git('merge', '--quiet', 'change');
  await repository.git('push', '--quiet', 'origin', 'main');
  const gate = await judge(repository.workspace, false);
  const env = { MODEL_STORE: path.join(repository.root, 'store') };
  return { gate, registered: await runStep('register-model', { workspace: repository.workspace, env }) };
}

const says = (step: StepResult): string => String(step.result['message']);

describe('metrics alone', () => {
  const config = (rest = '', gate = ''): string =>
    `version: 1\nmodel: tiny\n${rest}train: {model-path: model.json, metrics: out/metrics.json}\n${REGISTRY}gate:\n${gate}  rules: [{metric: accuracy, min: 0.5, max-regression: 0.02}]\n`;
  const TEST_SET = 'data: {test: data/test.csv}\n';
  const LET_PASS = '  on-different-test-set: warn\n';
  const model = (accuracy: number): Readonly<Record<string, string>> => ({
    'model.json': NUMBERS(accuracy),
    'out/metrics.json': NUMBERS(accuracy),
  });

  test('without a test set are warned about at once, and a test set that comes or grows is no dead end', async () => {
    await start({ 'sluice.yaml': config(), 'data/test.csv': table(10), ...model(0.8) });
    const first = await change({});
    expect(first).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'unknown-test-set' },
    });
    expect(says(first)).toMatch(/^No test set is named, .* Set data\.test/);
    expect((await merge()).registered.outputs['version']).toBe('v1.0.0');

    const red = await change(model(0.81));
    expect(red).toMatchObject({
      code: 1,
      outputs: { decision: 'error', 'reason-code': 'different-test-set' },
    });
    expect(says(red)).toMatch(/Set data\.test .* gate\.on-different-test-set: warn/);
    const named = await change({ 'sluice.yaml': config(TEST_SET) });
    expect(says(named)).toMatch(/not recorded which test set v1\.0\.0 .* gate\.on-different-test-set: warn/);

    const out = await change({ 'sluice.yaml': config(TEST_SET, LET_PASS) });
    expect(out).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'different-test-set' },
    });
    expect(out.result).toMatchObject({ rules: [{ verdict: 'new-baseline', candidate: 0.81 }] });
    expect((await merge()).registered.outputs['version']).toBe('v2.0.0');
    const compared = await change({ 'sluice.yaml': config(TEST_SET), ...model(0.82) });
    expect(compared).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
    expect((await merge()).registered.outputs['version']).toBe('v3.0.0');

    // Red for the change; after the merge it would keep every later version from being registered.
    const grown = await change({ 'data/test.csv': table(11), ...model(0.83) });
    expect(grown).toMatchObject({ code: 1, outputs: { 'reason-code': 'different-test-set' } });
    const { gate, registered } = await merge();
    expect(says(gate)).toMatch(
      /^accuracy is not compared with the baseline\. v3\.0\.0 was measured on another/,
    );
    expect(gate).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'different-test-set' },
    });
    expect(says(gate)).not.toContain('on-different-test-set');
    expect(registered.outputs['version']).toBe('v4.0.0');
    expect((await change(model(0.84))).outputs['reason-code']).toBe('ok');
  });

  test('that are below a limit stay red whatever the test set, and absolute-only says what it did not do', async () => {
    const lax = config(TEST_SET, '  on-different-test-set: absolute-only\n');
    await start({ 'sluice.yaml': lax, 'data/test.csv': table(10), ...model(0.8) });
    await change({});
    await merge();
    const step = await change({ 'data/test.csv': table(11), ...model(0.7) });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'new-baseline' } });
    expect(says(step)).toMatch(
      /^Every other limit holds; accuracy is not compared .* v1\.0\.0 was measured on/,
    );
    expect(await change(model(0.4))).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'below-limit' },
    });
  });
});

describe('a baseline that the code of today cannot score', () => {
  const config = (gate = ''): string =>
    `version: 1\nmodel: tiny\ndata: {test: data/test.csv}\ntrain: {model-path: model.json}\n${REGISTRY}gate:\n${gate}  evaluate: node evaluate.mjs {model-path} {predictions}\n  rules: [{metric: accuracy, max-regression: 0.02, min: 0.5}]\n`;
  const renamed = { 'model.json': '{"right": 9}', 'evaluate.mjs': scorer('right') };

  async function registered(gate = ''): Promise<void> {
    await start({
      'sluice.yaml': config(gate),
      'data/test.csv': table(500),
      'model.json': '{"hits": 9}',
      'evaluate.mjs': scorer('hits'),
    });
    await change({});
    expect((await merge()).registered.outputs['version']).toBe('v1.0.0');
  }

  test('is known by its stored predictions on the same test set', async () => {
    await registered();
    const step = await change(renamed);
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
    expect(step.result).toMatchObject({ rules: [{ baseline: 0.9, compare: 'paired' }] });
    expect(step.summary).toContain(
      'v1.0.0 cannot be scored by this code, so its stored predictions stand in',
    );
    expect(step.summary).toContain('the model has no right');
    const worse = await change({ ...renamed, 'model.json': '{"right": 7}' });
    expect(worse).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
  });

  test('on another test set is scored by its own commit when asked to, with the rows of today', async () => {
    await registered();
    const grown = { ...renamed, 'data/test.csv': table(520) };
    const red = await change(grown);
    expect(red).toMatchObject({
      code: 1,
      outputs: { decision: 'error', 'reason-code': 'different-test-set' },
    });
    expect(says(red)).toMatch(
      /the model has no right.*gate\.evaluate-baseline-at: its-commit.*on-different-test-set/,
    );
    const own = { ...grown, 'sluice.yaml': config('  evaluate-baseline-at: its-commit\n') };
    // As actions/checkout leaves it: one commit, and here no file of another one.
    const workspace = (): Promise<string> =>
      repository.clone('--depth=1', '--filter=blob:none', '--branch=change');
    const step = await change(own, { workspace });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', 'reason-code': 'ok' } });
    expect(step.result).toMatchObject({ rules: [{ n: 520, baseline: 0.9, candidate: 0.9 }] });
    expect(step.stdout).toMatch(/Evaluate the baseline v1\.0\.0 with the code of [0-9a-f]{7}/);
  });
});

describe('base:', () => {
  const config = (baseline: string, data = 'data: {test: data/test.csv}\n'): string =>
    `version: 1\nmodel: tiny\n${data}train: {metrics: metrics.json}\ngate:\n  baseline: 'base:${baseline}'\n  rules: [{metric: accuracy, min: 0.5, max-regression: 0.02}]\n`;
  const files = (more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
    'sluice.yaml': config('metrics.json'),
    'metrics.json': NUMBERS(0.8),
    'data/test.csv': table(10),
    ...more,
  });

  test.each([
    ['a whole clone of the head', ['--branch=change']],
    ['the head, without history', ['--depth=1', '--branch=change']],
    ['the head, without files or history', ['--depth=1', '--filter=blob:none', '--branch=change']],
  ])('is the file where the change began, in %s', async (_, args) => {
    await start(files());
    const base = await repository.git('rev-parse', 'HEAD');
    const step = await change(
      { 'metrics.json': NUMBERS(0.7) },
      { workspace: () => repository.clone(...args) },
    );
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
    expect(step.result).toMatchObject({
      baseline: { source: 'base:metrics.json', commit: base, version: null },
      rules: [{ baseline: 0.8, candidate: 0.7 }],
    });
  });

  test('is the file one commit before on the branch itself, and predictions are matched row by row', async () => {
    const rows = (wrong: number): string =>
      ['id,label,prediction', ...Array.from({ length: 200 }, (_, i) => `r${i},1,${i < wrong ? 0 : 1}`)].join(
        '\n',
      );
    const predicting = config('p.csv').replace('metrics: metrics.json', 'predictions: p.csv');
    await start(
      files({
        'sluice.yaml': predicting,
        'p.csv': rows(10),
        'data/test.csv':
          'id,label\n' +
          rows(0)
            .split('\n')
            .slice(1)
            .map((row) => row.replace(/,1$/, ''))
            .join('\n'),
      }),
    );
    await repository.write({ 'p.csv': rows(60) });
    await repository.commit('Worse');
    const clone = await repository.clone('--depth=1');
    const step = await judge(clone, false);
    expect(step.result).toMatchObject({
      'reason-code': 'regression',
      rules: [{ compare: 'paired', baseline: 0.95, candidate: 0.7 }],
    });
  });

  test('tells what else it could be than the same test set, or a file of git', async () => {
    await start(files());
    const grown = await change({ 'data/test.csv': table(11) });
    expect(grown).toMatchObject({ code: 1, outputs: { 'reason-code': 'different-test-set' } });
    expect(says(grown)).toContain('data/test.csv changed since');
    await repository.git('switch', '--quiet', '--force', 'main');
    const unnamed = await change({ 'sluice.yaml': config('metrics.json', '') });
    expect(unnamed.outputs['reason-code']).toBe('ok');
    expect(unnamed.summary).toContain("is about today's test set is not known");

    await repository.git('switch', '--quiet', '--force', 'main');
    // As a stage of DVC makes one: git knows nothing of its files.
    await repository.git('switch', '--quiet', '--force', 'main');
    const made = 'data: {test: out/test.csv}\n';
    const untracked = await change({
      'sluice.yaml': config('metrics.json', made),
      'out/test.csv': table(10),
    });
    expect(untracked.summary).toContain("is about today's test set is not known");
    await repository.git('switch', '--quiet', '--force', 'main');
    // The first change that has the file is a first model.
    const first = await change({ 'sluice.yaml': config('new.json'), 'new.json': NUMBERS(0.8) });
    expect(first.outputs).toMatchObject({ decision: 'pass', 'reason-code': 'new-baseline' });
    await repository.git('switch', '--quiet', '--force', 'main');
    const ignored = await change({ 'sluice.yaml': config('out/metrics.json') });
    expect(ignored.outputs).toMatchObject({ decision: 'warn', 'reason-code': 'no-baseline' });
    expect(says(ignored)).toMatch(/in git neither at [0-9a-f]{7} nor here\. Commit it/);
    await repository.git('switch', '--quiet', '--force', 'main');
    await repository.write({ 'm.json.dvc': 'outs:\n- path: m.json\n  md5: ab\n' });
    await repository.commit('Give it to DVC');
    const kept = await change({ 'sluice.yaml': config('m.json') });
    expect(says(kept)).toMatch(/a file that DVC keeps \(m\.json\.dvc\).*cache: false/);
  });

  test('says what to do where the commit cannot be had', async () => {
    await start(files());
    const shallow = async (): Promise<string> => {
      const clone = await repository.clone('--depth=1', '--branch=change');
      await repository.git('-C', clone, 'remote', 'set-url', 'origin', `file://${repository.root}/gone.git`);
      return clone;
    };
    const step = await change({ 'metrics.json': NUMBERS(0.7) }, { workspace: shallow });
    expect(step.stdout).toMatch(
      /base:metrics\.json: the history of main cannot be fetched .* set fetch-depth: 0/,
    );
  });
});

test('a rule that waits for a baseline which nothing here can give is warned about', async () => {
  const config =
    'version: 1\nmodel: tiny\ndata: {test: data/test.csv}\ngate: {rules: [{metric: accuracy, min: 0.5, max-regression: 0.1}]}\ntrain: {metrics: m.json}\n';
  await start({ 'sluice.yaml': config, 'm.json': NUMBERS(0.8), 'data/test.csv': table(10) });
  const step = await change({});
  expect(step.outputs).toMatchObject({ decision: 'warn', 'reason-code': 'no-baseline' });
  expect(says(step)).toMatch(
    /^accuracy is to be compared .* no workflow of this repository uses register-model/,
  );
  const workflow = 'jobs: {a: {steps: [{uses: sluice-ml/sluice/actions/register-model@v1}]}}\n';
  const ready = await change({ '.github/workflows/main.yml': workflow });
  expect(ready.outputs).toMatchObject({ decision: 'pass', 'reason-code': 'new-baseline' });
});

test('a branch that lacks the commit of the baseline is told so, and what to do about it helps', async () => {
  const config = `version: 1\nmodel: tiny\ndata: {test: data/test.csv}\ntrain: {model-path: model.json, metrics: model.json}\n${REGISTRY}gate: {rules: [{metric: accuracy, min: 0.5, max-regression: 0.02}]}\n`;
  await start({ 'sluice.yaml': config, 'model.json': NUMBERS(0.7), 'data/test.csv': table(10) });
  await change({});
  await merge();
  await repository.git('branch', 'old');
  await change({ 'model.json': NUMBERS(0.9) });
  expect((await merge()).registered.outputs['version']).toBe('v2.0.0');
  await repository.git('switch', '--quiet', 'old');
  const clone = (): Promise<string> => repository.clone('--depth=1', '--branch=change');
  const behind = await change({ 'model.json': NUMBERS(0.75) }, { workspace: clone });
  expect(behind).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
  expect(says(behind)).toMatch(
    /accuracy fell by 0\.15.* The commit of v2\.0\.0 \([0-9a-f]{7}\) is not in this branch.* Merge main into it/,
  );
  // Nobody asked for an environment, so nothing is said of there being none.
  expect(behind.summary).not.toContain('not the first choice');
  await repository.git('merge', '--quiet', '--strategy=ours', '--message', 'Update', 'main');
  const worse = await change({}, { workspace: clone });
  expect(says(worse)).toMatch(/^accuracy fell by 0\.15(?!.*not in this branch)/);
});

test('evidence of train that was lost between jobs is named with what carries it', async () => {
  const config = `version: 1\nmodel: tiny\ntrain: {run: node train.mjs, model-path: model.json, metrics: model.json}\ngate: {rules: [{metric: accuracy, min: 0.5}]}\n`;
  await start({ 'sluice.yaml': config, 'model.json': NUMBERS(0.7) });
  const step = await judge(repository.workspace, false);
  expect(step.outputs['decision']).toBe('pass');
  const said = expect.stringMatching(/^train left no evidence in this job.*include-hidden-files: true/);
  expect(step.annotations).toMatchObject([{ level: 'warning', message: said }]);
  expect(step.summary).toContain('train left no evidence in this job');
  await repository.write({ 'sluice.yaml': config.replace('model.json', 'out/model.json') });
  const lost = await judge(repository.workspace, false);
  expect(lost).toMatchObject({ code: 1, outputs: { 'reason-code': 'missing-file' } });
  expect(says(lost)).toContain('include-hidden-files: true');
});
