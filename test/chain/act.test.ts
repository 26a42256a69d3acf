import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { runWorkflow, usedActions, type ActRun } from '@sluice/testing/act.ts';
import { parseActLog } from '@sluice/testing/act-log.ts';

const WORKFLOW = `
on: {workflow_dispatch: {inputs: {greeting: {type: string}}}}
jobs:
  first:
    runs-on: ubuntu-latest
    outputs: {value: '\${{ steps.say.outputs.value }}'}
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
      - id: say
        env: {GREETING: '\${{ inputs.greeting }}', PLACE: '\${{ vars.PLACE }}'}
        run: |
          printf 'value<<END\\n%s\\n%s\\nEND\\n' "$GREETING" "$PLACE" >> "$GITHUB_OUTPUT"
          echo '### Said' >> "$GITHUB_STEP_SUMMARY"
          echo '::error file=a.csv,line=3,title=Bad::100%25%0Awrong'
          echo "python=$(python -c 'import sys; print(sys.prefix)')" >> "$GITHUB_OUTPUT"
          echo "leaked=\${LEAK:-nothing}" >> "$GITHUB_OUTPUT"
          sleep 1 # act can lose what a step prints in its last moment
      - uses: actions/upload-artifact@v6
        with: {name: said, path: README.md}
  second:
    needs: first
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v6
        with: {name: said, path: got}
      - id: read
        run: echo "text=$(cat got/README.md)" >> "$GITHUB_OUTPUT"
      - id: check
        run: exit 3
      - id: never
        run: echo never
`;

let scratch: string;
let run: ActRun;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-act-'));
  const repository = path.join(scratch, 'repository');
  await mkdir(path.join(repository, '.github', 'workflows'), { recursive: true });
  await writeFile(path.join(repository, '.github', 'workflows', 'toy.yml'), WORKFLOW);
  await writeFile(path.join(repository, 'README.md'), 'the artifact\n');
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      cwd: repository,
    });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message=Toy');
  process.env['LEAK'] = 'something';
  run = await runWorkflow(
    { scratch, vars: { PLACE: 'over there' } },
    {
      repository,
      workflow: '.github/workflows/toy.yml',
      event: 'workflow_dispatch',
      inputs: { greeting: 'hello' },
      title: 'toy',
    },
  );
});

afterAll(async () => rm(scratch, { recursive: true }));

const step = (id: string) => run.steps.find((s) => s.id === id);

test('a failing job makes the run fail, and the steps say which one', () => {
  expect(run.code).not.toBe(0);
  expect(step('say')).toMatchObject({ job: 'first', outcome: 'success' });
  expect(step('check')).toMatchObject({ job: 'second', outcome: 'failure' });
  expect(step('never')?.outcome ?? 'skipped').toBe('skipped');
});

test('inputs, variables and multi-line outputs arrive', () => {
  expect(step('say')?.outputs['value']).toBe('hello\nover there');
});

test('annotations and summaries are read unescaped', () => {
  expect(step('say')?.annotations).toEqual([
    { level: 'error', message: '100%\nwrong', properties: { file: 'a.csv', line: '3', title: 'Bad' } },
  ]);
  expect(step('say')?.summary).toBe('### Said\n');
});

test('the stand-ins provide Python and carry artifacts between jobs', () => {
  expect(step('say')?.outputs['python']).toMatch(/\.venv$/);
  expect(step('read')?.outputs['text']).toBe('the artifact');
});

test('nothing of the environment of the caller leaks into a step', () => {
  expect(step('say')?.outputs['leaked']).toBe('nothing');
});

test('the log file holds what was read', async () => {
  expect(parseActLog(await readFile(run.log, 'utf8'))).toEqual(run.steps);
});

test('an action without a stand-in is named', async () => {
  const repository = path.join(scratch, 'other');
  await mkdir(repository);
  await writeFile(path.join(repository, 'w.yml'), 'jobs: {a: {steps: [{uses: docker/login-action@v3}]}}');
  const request = { repository, workflow: 'w.yml', event: 'push', title: 'other' } as const;
  await expect(runWorkflow({ scratch, vars: {} }, request)).rejects.toThrow('docker/login-action@v3');
});

test('uses are found wherever they stand', () => {
  expect(
    usedActions({ jobs: { a: { uses: 'a/b@v1' }, b: { steps: [{ run: 'x' }, { uses: 'c/d@v2' }] } } }),
  ).toEqual(['a/b@v1', 'c/d@v2']);
});
