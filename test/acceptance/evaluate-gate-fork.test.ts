import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdir, open, readFile, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import MarkdownIt from 'markdown-it';
import type { StepResult } from '@sluice/testing/action.ts';
import { FORK_HEAD, forkPredictions, forkRun } from '@sluice/testing/fork-run.ts';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

// Each test runs the built action, most of them several programs.
jest.setTimeout(60_000);

let project: GateProject;
let github: GitHubDouble;
/** What the fork's run left. */
let artifact: string;

beforeEach(async () => {
  project = await createGateProject();
  await project.register('v1.0.0', 0.1);
  await project.assign('v1.0.0', 'production');
  github = new GitHubDouble();
  await github.start();
  github.state.pulls.push({ number: 7, state: 'open', head: FORK_HEAD, base: 'main' });
  artifact = path.join(project.workspace, 'fork');
  await mkdir(artifact);
});

afterEach(async () => {
  await github.stop();
  await project.remove();
  expect(github.violations).toEqual([]);
});

interface ForkRun {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly run?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the gate as fork-report.yml does. */
async function judge({ inputs = {}, run = {}, env = {} }: ForkRun = {}): Promise<StepResult> {
  return project.gate({
    inputs: { 'github-token': 'ghs_test', predictions: 'fork/predictions.csv', ...inputs },
    env: { ...(await forkRun(project, github, run)), ...env },
  });
}

async function leave(name: string, content: string | Buffer): Promise<void> {
  await writeFile(path.join(artifact, name), content);
}

const message = (step: StepResult): string => String(step.result['message']);
const expectRefused = (step: StepResult, reason: string): void => {
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
};

describe('a pull request from a fork', () => {
  test('is judged from its predictions with the rules and the baseline of this repository, and told so', async () => {
    await leave('predictions.csv', forkPredictions(0.1));
    const step = await judge();
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', evidence: '' } });
    expect(step.result).toMatchObject({ 'model-digest': null, baseline: { version: 'v1.0.0' } });
    expect(github.state.checks).toMatchObject([{ headSha: FORK_HEAD.sha, conclusion: 'success' }]);
    expect(github.state.comments).toMatchObject([
      { issue: 7, body: expect.stringContaining('made in a fork: nothing of the fork was run here') },
    ]);
    expect(step.summary).toContain("ids and labels are those of this repository's test set");
    expect(step.summary).toContain('no statement is written');
    await expect(project.read('.sluice/evidence/evaluate-gate.json')).rejects.toThrow('ENOENT');
  });

  test('fails when it is worse', async () => {
    await leave('predictions.csv', forkPredictions(0.2));
    const step = await judge();
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'regression' } });
    expect(github.state.checks).toMatchObject([{ headSha: FORK_HEAD.sha, conclusion: 'failure' }]);
  });

  test('its sluice.yaml and its evaluation play no part', async () => {
    await leave('predictions.csv', forkPredictions(0.2));
    await leave('sluice.yaml', 'version: 1\nmodel: flights\ngate: {rules: [{metric: accuracy, min: 0}]}\n');
    await leave('evaluate.mjs', 'process.exit(0)');
    await leave('gate.json', '{}');
    expect((await judge()).outputs['reason-code']).toBe('regression');
  });

  test('is not judged where its branch has no open pull request any more', async () => {
    await leave('predictions.csv', forkPredictions(0.1));
    expectRefused(await judge({ run: { head_sha: 'e'.repeat(40) } }), 'no-pull-request');
    expectRefused(await judge({ run: { head_repository: null } }), 'no-pull-request');
    expectRefused(await judge({ run: { event: 'push' } }), 'no-pull-request');
    expect([...github.state.checks, ...github.state.comments]).toEqual([]);
  });

  test('of this repository needs no such run: it is judged like any other', async () => {
    await leave('predictions.csv', forkPredictions(0.1));
    await project.candidate(0.1);
    const step = await judge({ run: { head_repository: { full_name: 'acme/flights' } } });
    expect(step.result).toMatchObject({ decision: 'pass', 'model-digest': expect.any(String) });
  });

  test('must not bring its own checkout', async () => {
    await leave('predictions.csv', forkPredictions(0.1));
    const step = await judge({ env: { GITHUB_SHA: 'f'.repeat(40) } });
    expectRefused(step, 'bad-input');
    expect(message(step)).toContain("never check out a fork's code in a workflow_run");
    expect(github.requests).toEqual([]);
  });

  test.each(['model-path', 'metrics'])('must not bring its own %s', async (name) => {
    await leave('predictions.csv', forkPredictions(0.1));
    await leave('model.json', '{"errors": 0}');
    const step = await judge({ inputs: { [name]: 'fork/model.json' } });
    expectRefused(step, 'bad-input');
    expect(message(step)).toContain(`Remove '${name}'`);
  });

  test('of which nothing was left could not be judged, and the check says so', async () => {
    const step = await judge();
    expectRefused(step, 'missing-file');
    expect(github.state.checks).toMatchObject([{ headSha: FORK_HEAD.sha, conclusion: 'failure' }]);
    expectRefused(await judge({ inputs: { predictions: '' } }), 'bad-input');
  });

  test('with a branch name full of commands is looked up by it, and by nothing else', async () => {
    const branch = '$(touch pwned)&state=closed"`;::error::x\n${{ github.token }}';
    github.state.pulls.push({ number: 9, state: 'open', head: { ...FORK_HEAD, branch }, base: 'main' });
    await leave('predictions.csv', forkPredictions(0.1));
    const step = await judge({ run: { head_branch: branch } });
    expect(github.state.comments).toMatchObject([{ issue: 9 }]);
    expect(step.stdout).not.toMatch(/^::error::x/m);
  });
});

describe('forged labels and rows', () => {
  test.each([
    [
      'a label that is not the one here',
      (line: string, row: number) => (row === 3 ? line.replace(/^(f3),1/, '$1,0') : line),
    ],
    ['a row that it gets wrong left out', (line: string, row: number) => (row === 3 ? '' : line)],
    [
      'a row that is not here',
      (line: string, row: number) => (row === 3 ? line.replace('f3,', 'f999,') : line),
    ],
  ])('%s', async (_, change) => {
    await leave('predictions.csv', forkPredictions(0.1, change));
    const step = await judge();
    expectRefused(step, 'different-test-set');
    expect(message(step)).toContain("this repository's test set");
  });

  test('a row twice', async () => {
    await leave('predictions.csv', `${forkPredictions(0.1)}f3,1,1,0.8,UA\n`);
    expectRefused(await judge(), 'duplicate-id');
  });

  test('are held against the rows of the baseline where the test set has no labels', async () => {
    await project.write({ 'data/other.csv': 'x\n1\n' });
    const inputs = { data: 'data/other.csv' };
    await leave('predictions.csv', forkPredictions(0.1));
    expect((await judge({ inputs })).summary).toContain("ids and labels are those of the baseline's rows");
    await leave(
      'predictions.csv',
      forkPredictions(0.1, (line, row) => (row === 3 ? '' : line)),
    );
    expectRefused(await judge({ inputs }), 'different-test-set');
  });

  test('are said to be taken on trust where there is nothing to hold them against', async () => {
    await project.write({ 'data/other.csv': 'x\n1\n' });
    await leave('predictions.csv', forkPredictions(0.1));
    const step = await judge({
      inputs: {
        data: 'data/other.csv',
        baseline: 'deployed:nowhere',
        rules: '[{metric: accuracy, min: 0.6}]',
      },
    });
    expect(step.summary).toContain('labels are taken on trust too');
  });
});

describe('a hostile artifact', () => {
  test.each([
    [
      'a link to a file of this repository',
      async (): Promise<void> => symlink('../data/test.csv', path.join(artifact, 'predictions.csv')),
      'symbolic link',
    ],
    [
      'a link out of it',
      async (): Promise<void> => symlink('/etc/passwd', path.join(artifact, 'predictions.csv')),
      'leaves the workspace',
    ],
    [
      'a folder of that name',
      async (): Promise<void> => {
        await mkdir(path.join(artifact, 'predictions.csv'));
      },
      'a file is needed',
    ],
  ])('%s is refused', async (_, prepare, says) => {
    await prepare();
    const step = await judge();
    expectRefused(step, 'bad-input');
    expect(message(step)).toContain(says);
    expect(JSON.stringify(step)).not.toContain('root:');
  });

  test('a link on the way to the file is refused', async () => {
    await mkdir(path.join(project.workspace, 'elsewhere'));
    await writeFile(path.join(project.workspace, 'elsewhere/predictions.csv'), forkPredictions(0));
    await symlink('../elsewhere', path.join(artifact, 'sub'));
    const step = await judge({ inputs: { predictions: 'fork/sub/predictions.csv' } });
    expectRefused(step, 'bad-input');
    expect(message(step)).toContain('symbolic link');
  });

  test.each([
    '../predictions.csv',
    'https://example.com/p.csv',
    's3://bucket/p.parquet',
    "x'); COPY (SELECT 1) TO 'pwned.csv",
  ])('the name %j reads nothing else', async (name) => {
    const step = await judge({ inputs: { predictions: `fork/../${name}` } });
    expect(step.code).toBe(1);
    await expect(project.read('pwned.csv')).rejects.toThrow('ENOENT');
  });

  test('files whose names are patterns or queries are not read in place of the one that was named', async () => {
    await leave('*.csv', forkPredictions(0));
    await leave("predictions.csv'); COPY (SELECT 1) TO 'pwned.csv", forkPredictions(0));
    await leave('predictions.csv', forkPredictions(0.2));
    expect((await judge()).outputs['reason-code']).toBe('regression');
    await expect(project.read('pwned.csv')).rejects.toThrow('ENOENT');
  });

  test('a file that is too large is refused before it is read', async () => {
    const file = await open(path.join(artifact, 'predictions.csv'), 'w');
    await file.truncate(300 * 2 ** 20);
    await file.close();
    const step = await judge();
    expectRefused(step, 'unreadable-data');
    expect(message(step)).toContain('at most 268435456 (256 MiB)');
  });

  test('a packed text file is refused, however small', async () => {
    await leave('predictions.csv.gz', gzipSync(forkPredictions(0.1)));
    const step = await judge({ inputs: { predictions: 'fork/predictions.csv.gz' } });
    expectRefused(step, 'bad-input');
    expect(message(step)).toContain('none of them packed');
  });

  test.each([
    ['rows', "SELECT 'f' AS id, 1 AS label, 1 AS prediction FROM range(10000000)", 'values'],
    [
      'text',
      "SELECT range AS id, 1 AS label, repeat('x', 100000) AS prediction FROM range(20000)",
      'unfolds to',
    ],
  ])('a Parquet file that unfolds to far too many %s is refused', async (_, query, says) => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const file = path.join(artifact, 'predictions.parquet');
    await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
    connection.closeSync();
    expect((await readFile(file)).length).toBeLessThan(5_000_000);
    const step = await judge({ inputs: { predictions: 'fork/predictions.parquet' } });
    expectRefused(step, 'unreadable-data');
    expect(message(step)).toContain(says);
  });

  test.each([
    ['no Parquet file', 'predictions.parquet', 'PAR1 nothing PAR1', 'unreadable-data'],
    ['another schema', 'predictions.csv', 'a,b\n1,2\n', 'unreadable-data'],
    ['no rows', 'predictions.csv', 'id,label,prediction\n', 'no-rows'],
    [
      'a score that is no number',
      'predictions.csv',
      forkPredictions(0.1).replace(/0\.8/, 'nan'),
      'not-a-number',
    ],
  ])('%s is an error', async (_, name, content, reason) => {
    await leave(name, content);
    const rules = '[{metric: log-loss, max: 9}]';
    expectRefused(await judge({ inputs: { predictions: `fork/${name}`, rules } }), reason);
  });

  test('markup and workflow commands in values, columns and classes stay text', async () => {
    const evil =
      '"<img src=x onerror=alert(1)>|[x](javascript:alert(1)) @acme ::error::pwned ##[error]pwned"';
    const lines = forkPredictions(0.1).trim().split('\n');
    const changed = lines.map((line, i) =>
      i === 0 ? `${line},${evil}` : `${line.replace(/,(AA|UA)$/, `,${evil}`)},1`,
    );
    await leave('predictions.csv', changed.join('\n'));
    const step = await judge({
      inputs: {
        rules:
          '[{metric: accuracy, min: 0.99, slices: [{by: carrier}]}, {metric: recall, min: 0.1, slices: [{by: none}]}]',
      },
    });
    const shown = [step.summary, github.state.comments[0]?.body ?? '', github.state.checks[0]?.summary ?? ''];
    for (const text of shown) {
      expect(text).toContain('img');
      const rendered = new MarkdownIt({ html: true }).render(text);
      expect(rendered).not.toMatch(/<img|<a |@acme/);
    }
    expect(step.stdout).not.toMatch(/^\s*::error::pwned/m);
    expect(step.annotations.filter((a) => a.message.startsWith('pwned'))).toEqual([]);
  });
});
