import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { pullRequest } from '@sluice/testing/gate-project.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { copyRepository, createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';

// Each test runs the built action.
jest.setTimeout(120_000);

const RULES = '    - {metric: auc, min: 0.5}\n    - {metric: f1, min: 0.6}\n';
const CONFIG = `version: 1\nmodel: flights\ndata: {test: data/test.csv}\ngate:\n  rules:\n${RULES}`;
const NUMBERS = JSON.stringify({ auc: 0.7, f1: 0.7 });
/** A scorer without dependencies, for which everything is right. */
const EVALUATE = `import { writeFileSync } from 'node:fs';
writeFileSync(process.argv[2], 'id,label,prediction,score\\na,1,1,0.9\\nb,0,0,0.1\\n');
`;
let begun: TestRepository;
let repository: TestRepository;
let github: GitHubDouble;

beforeAll(async () => {
  begun = await createRepository({
    'sluice.yaml': CONFIG,
    'm.json': NUMBERS,
    'data/test.csv': 'id,label\na,1\nb,0\n',
    '.github/workflows/gate.yml': 'on: pull_request\n',
  });
});
afterAll(() => begun.remove());
beforeEach(async () => {
  repository = await copyRepository(begun);
  github = new GitHubDouble();
  await github.start();
});
afterEach(async () => {
  await github.stop();
  await repository.remove();
  expect(github.violations).toEqual([]);
});

interface Change {
  readonly files: Readonly<Record<string, string>>;
  /** `merge`: what actions/checkout takes, one commit deep. */
  readonly checkout?: 'head' | 'merge';
  readonly inputs?: Readonly<Record<string, string>>;
}

/** Judges a pull request that changes these files, after its base has moved on with rules of its own. */
async function judge({ files, checkout = 'merge', inputs }: Change): Promise<StepResult> {
  const git = (...args: string[]): Promise<string> => repository.git(...args);
  const { root } = repository;
  await git('switch', '--quiet', '--create', 'change');
  await repository.write(files);
  await git('add', '--all');
  await git('commit', '--quiet', '--allow-empty', '--message', 'Change');
  const head = await git('rev-parse', 'HEAD');
  await git('switch', '--quiet', 'main');
  await repository.write({ 'note.txt': 'Other work' });
  await repository.commit('Other work');
  await git('switch', '--quiet', '--create', 'merged');
  await git('merge', '--quiet', '--no-ff', '--message', 'Merge', 'change');
  await git('push', '--quiet', 'origin', `HEAD:refs/pull/7/merge`, 'change:refs/pull/7/head');
  const workspace = await repository.clone('--depth=1');
  await runGit(workspace, ['fetch', '--quiet', '--depth=1', 'origin', `refs/pull/7/${checkout}`]);
  await runGit(workspace, ['checkout', '--quiet', '--detach', 'FETCH_HEAD']);
  return runStep('evaluate-gate', {
    workspace,
    inputs: { metrics: 'm.json', 'github-token': 'ghs_test', ...inputs },
    env: {
      ...(await pullRequest({ root, run: 42, github, head })),
      GITHUB_REPOSITORY: 'acme/flights',
      GITHUB_WORKFLOW_REF: 'acme/flights/.github/workflows/gate.yml@refs/pull/7/merge',
    },
  });
}

const LINE = 'Rules changed in this pull request:';
/** The first lines of a report: its headline, the verdict's sentence, and what comes after. */
const firstLines = (text = ''): string =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('<!--'))
    .slice(0, 3)
    .join('\n');

describe('the first lines say what the pull request changes of', () => {
  test.each(['merge', 'head'] as const)('rules, wherever people look (%s checked out)', async (checkout) => {
    const loose = CONFIG.replace('{metric: auc, min: 0.5}', '{metric: auc, min: 0.1, severity: warn}');
    const step = await judge({ files: { 'sluice.yaml': loose }, checkout });
    const said = '**Rules changed in this pull request:** auc min 0.5 → 0.1; auc severity not set → warn.';
    expect(firstLines(step.summary)).toContain(said);
    expect(firstLines(github.state.comments[0]?.body)).toContain(said);
    expect(firstLines(github.state.checks[0]?.summary ?? '')).toContain(said);
    expect(step.result['changed-rules']).toEqual([
      { kind: 'rule', of: 'auc', setting: 'min', before: '0.5', after: '0.1' },
      { kind: 'rule', of: 'auc', setting: 'severity', before: null, after: 'warn' },
    ]);
    expect(step.code).toBe(0);
  });

  test('the model, the test set, the evaluation and the workflow', async () => {
    const step = await judge({
      files: {
        'sluice.yaml': CONFIG.replace('flights', 'flights2').replace(
          'gate:',
          'gate:\n  evaluate: node x.mjs {predictions}',
        ),
        'data/test.csv': 'id,label\nb,0\na,1\n',
        'x.mjs': EVALUATE,
        '.github/workflows/gate.yml': 'on: push\n',
      },
      inputs: { 'model-path': 'm.json' },
    });
    expect(step.code).toBe(0);
    for (const said of [
      'model flights → flights2',
      'gate.evaluate not set → node x.mjs {predictions}',
      'data/test.csv (the test set)',
      'x.mjs (what gate.evaluate runs)',
      '.github/workflows/gate.yml (the workflow, which gives the inputs)',
    ]) {
      expect(step.stdout).toContain(`Changed in this pull request: ${said}`);
    }
  });

  test('a rule, its words as they are and nothing more', async () => {
    const evil = '[x](http://x) <b> @all ::error::no';
    const step = await judge({
      files: { 'sluice.yaml': `${CONFIG}    - {metric: '${evil}', direction: higher, min: 0}\n` },
    });
    const line = step.summary.split('\n').find((text) => text.includes(LINE));
    expect(line).toContain('is new');
    expect(line).not.toMatch(/[^\\]\[x\\?\]\(|[^\\]<b>|@all/);
    expect(step.annotations.filter(({ message }) => message === 'no')).toEqual([]);
  });

  test('a file of rules that is new', async () => {
    await repository.git('rm', '--quiet', 'sluice.yaml');
    await repository.commit('No rules');
    const step = await judge({ files: { 'sluice.yaml': CONFIG } });
    expect(firstLines(step.summary)).toContain('sluice.yaml (new)');
  });
});

describe('nothing is said', () => {
  test.each<[string, Change]>([
    ['where only a model changes', { files: { 'm.json': JSON.stringify({ auc: 0.8, f1: 0.7 }) } }],
    ['of comments and blank lines', { files: { 'sluice.yaml': `# Ours\n\n${CONFIG}\n` } }],
    ['of rules that an input replaces', { files: {}, inputs: { rules: '- {metric: auc, min: 0}' } }],
  ])('%s', async (_, change) => {
    const step = await judge(change);
    expect(step.summary).not.toContain(LINE);
    expect(step.result['changed-rules']).toEqual([]);
    expect(step.code).toBe(0);
  });
});

test('where the rules of the base cannot be read, the report says so', async () => {
  await repository.write({ 'sluice.yaml': 'version: 99\n' });
  await repository.commit('A file of the future');
  const step = await judge({ files: { 'sluice.yaml': CONFIG } });
  expect(firstLines(step.summary)).toContain('is **not known**: sluice.yaml of the base:1:');
  expect(step.result['changed-rules']).toBeNull();
});
