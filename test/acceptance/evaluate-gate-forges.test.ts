import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { StepResult } from '@sluice/testing/action.ts';
import { gateOnForge } from '@sluice/testing/gate-on-forge.ts';
import { HEAD_SHA } from '@sluice/testing/gate-project.ts';
import { GiteaDouble } from '@sluice/testing/gitea/server.ts';
import { startDouble, stopDoubles, warningsOf } from '@sluice/testing/troubled-gate.ts';

// Each test runs the built action.
jest.setTimeout(60_000);

const noticesOf = (step: StepResult): string[] =>
  step.annotations.filter(({ level }) => level === 'notice').map(({ message }) => message);

describe('a forge without check runs', () => {
  let gitea: GiteaDouble;
  const start = async (options?: ConstructorParameters<typeof GiteaDouble>[0]): Promise<void> => {
    gitea = new GiteaDouble(options);
    await gitea.start();
  };
  const gate = (auc: number, run = 42): Promise<StepResult> =>
    gateOnForge({ forge: gitea, auc, run, env: { GITHUB_SERVER_URL: 'https://git.example.com' } });

  beforeEach(() => start());
  afterEach(async () => {
    await gitea.stop();
    expect(gitea.violations).toEqual([]);
  });

  test('shows a commit status, pending and then settled, one comment, and says why', async () => {
    const worse = await gate(0.4);
    const better = await gate(0.9, 43);
    expect([worse.code, better.code]).toEqual([1, 0]);
    const common = { sha: HEAD_SHA, context: 'Sluice: flights' };
    const target = (run: number): string => `https://git.example.com/acme/flights/actions/runs/${run}`;
    expect(gitea.statuses).toMatchObject([
      { ...common, state: 'pending', target: target(42) },
      { ...common, state: 'failure', description: expect.stringContaining('auc is out of bounds') },
      { ...common, state: 'pending', target: target(43) },
      { ...common, state: 'success', description: expect.stringContaining('Every absolute limit holds') },
    ]);
    expect(gitea.comments).toMatchObject([{ issue: 7, body: expect.stringContaining('passes its gate') }]);
    expect(warningsOf(worse)).toEqual([]);
    expect(noticesOf(worse)).toEqual([
      "This server (version 1.26.0) has no check runs, so the verdict is the commit status 'Sluice: flights', without annotations; the report is in the comment and in the job summary.",
    ]);
  });

  test('a warning does not block, and an error is told from a failure', async () => {
    await gateOnForge({ forge: gitea, auc: 0.4, rules: ['{metric: auc, min: 0.5, severity: warn}'] });
    expect(gitea.statuses.at(-1)).toMatchObject({
      state: 'success',
      description: expect.stringMatching(/^Passed with a warning: auc is out of bounds/),
    });
    await gateOnForge({ forge: gitea, rules: ['{metric: missing, direction: higher, min: 0.5}'] });
    expect(gitea.statuses.at(-1)).toMatchObject({ state: 'error' });
  });

  test('a description has at most 140 characters', async () => {
    await gateOnForge({
      forge: gitea,
      auc: 0.4,
      rules: [`{metric: auc, name: ${'n'.repeat(200)}, min: 0.5}`],
    });
    expect(gitea.statuses.at(-1)?.description).toMatch(/^n{139}…$/);
  });

  test('Forgejo, which says of which Gitea it is made', async () => {
    await gitea.stop();
    await start({ version: '12.0.1+gitea-1.22.0' });
    const env = {
      GITHUB_SERVER_URL: 'https://git.example.com',
      FORGEJO_ACTIONS: 'true',
      GITHUB_RUN_NUMBER: '5',
    };
    const step = await gateOnForge({ forge: gitea, auc: 0.9, env });
    expect(noticesOf(step)).toEqual([expect.stringContaining('(version 12.0.1+gitea-1.22.0)')]);
    // Its pages count the runs of a repository; the run's id, here 42, leads to another one or to none.
    const target = 'https://git.example.com/acme/flights/actions/runs/5';
    expect(gitea.statuses.at(-1)).toMatchObject({ state: 'success', target });
  });

  test('more comments than a page has are looked through once', async () => {
    for (let i = 0; i < 120; i++) gitea.addComment(7, `comment ${i}`, 'ada');
    await gate(0.4);
    await gate(0.9, 43);
    expect(gitea.comments.filter(({ body }) => body.startsWith('<!-- sluice'))).toHaveLength(1);
  });

  test('a comment of somebody else with the marker is left alone', async () => {
    const pasted = '<!-- sluice:evaluate-gate:flights -->\nmine';
    gitea.addComment(7, pasted, 'ada');
    await gate(0.9);
    expect(gitea.comments).toMatchObject([{ body: pasted }, { login: 'gitea-actions' }]);
  });

  test('a token that may not write is one warning with the permissions that count there', async () => {
    await gitea.stop();
    await start({ mayWrite: false });
    const step = await gate(0.9);
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(warningsOf(step)).toEqual([
      'The token may not write the commit status (403). The verdict is the same; it is in the job summary. To see it on the pull request, add to the job:\npermissions:\n  contents: write\n  issues: write\n  pull-requests: write',
    ]);
  });

  test('a token that is not accepted is not taken for a missing check run', async () => {
    const step = await gateOnForge({ forge: gitea, inputs: { 'github-token': 'old' } });
    expect(step.code).toBe(0);
    expect(warningsOf(step)).toEqual([expect.stringContaining('does not accept the token')]);
    expect(noticesOf(step)).toEqual([]);
  });
});

describe('GitHub', () => {
  afterEach(stopDoubles);

  test('Enterprise Server has its API below /api/v3', async () => {
    const github = await startDouble({ mount: '/api/v3' });
    const step = await gateOnForge({ forge: github, env: { GITHUB_SERVER_URL: 'https://ghe.example.com' } });
    expect(warningsOf(step)).toEqual([]);
    expect(github.state.checks).toMatchObject([
      { conclusion: 'success', detailsUrl: 'https://ghe.example.com/acme/flights/actions/runs/42' },
    ]);
    expect(github.state.comments).toHaveLength(1);
  });

  test("a person's token writes a commit status, and updates its own comment", async () => {
    const github = await startDouble({ person: 'ada', permissions: { statuses: 'write' } });
    const step = await gateOnForge({ forge: github, auc: 0.4 });
    await gateOnForge({ forge: github, auc: 0.9, run: 43 });
    expect(warningsOf(step)).toEqual([]);
    expect(noticesOf(step)).toEqual([expect.stringContaining('The token belongs to a person')]);
    expect(github.state.statuses.map(({ state }) => state)).toEqual([
      'pending',
      'failure',
      'pending',
      'success',
    ]);
    expect(github.state.comments).toMatchObject([{ user: { login: 'ada' } }]);
  });

  test("a person's token that may not write statuses either is one warning", async () => {
    const github = await startDouble({ person: 'ada' });
    const step = await gateOnForge({ forge: github });
    expect(step.code).toBe(0);
    expect(warningsOf(step)).toEqual([expect.stringContaining("'Commit statuses'")]);
    expect(github.state.comments).toHaveLength(1);
  });
});

describe('annotations', () => {
  afterEach(stopDoubles);

  test('each rule that does not hold is one at its line in sluice.yaml', async () => {
    const github = await startDouble();
    await gateOnForge({
      forge: github,
      auc: 0.4,
      rules: [
        '{metric: auc, min: 0.1}',
        '{metric: auc, name: strict, min: 0.5}',
        '{metric: auc, name: hope, min: 0.6, severity: warn}',
        '{metric: missing, direction: higher, min: 0.1}',
        '{metric: auc, name: dream, min: 0.9, severity: info}',
      ],
    });
    const place = (line: number): object => ({ path: 'sluice.yaml', start_line: line, end_line: line });
    expect(github.state.checks[0]?.annotations).toEqual([
      {
        ...place(6),
        annotation_level: 'failure',
        title: 'fail: strict',
        message: 'strict (auc) is out of bounds: it is 0.4000, and at least 0.5000 is asked for.',
      },
      {
        ...place(7),
        annotation_level: 'warning',
        title: 'warn: hope',
        message: expect.stringContaining('at least 0.6000'),
      },
      {
        ...place(8),
        annotation_level: 'failure',
        title: 'error: missing',
        message: expect.stringContaining('missing'),
      },
    ]);
  });

  test('more than fifty are sent in several requests, and none twice where answers are lost', async () => {
    const github = await startDouble();
    github.fail({ method: 'PATCH', path: /check-runs/, kind: 'reset' });
    github.fail({ method: 'PATCH', path: /check-runs/, kind: { status: 502 } });
    github.fail({ method: 'PATCH', path: /check-runs/, kind: 'torn' });
    const rules = Array.from({ length: 120 }, (_, i) => `{metric: auc, name: rule-${i}, min: 0.5}`);
    const step = await gateOnForge({ forge: github, auc: 0.4, rules });
    expect(warningsOf(step)).toEqual([]);
    const [check] = github.state.checks;
    expect(check).toMatchObject({ status: 'completed', conclusion: 'failure' });
    const lines = (check?.annotations ?? []).map((a) => (a as { start_line: number }).start_line);
    expect(lines).toEqual(Array.from({ length: 120 }, (_, i) => i + 5));
  });

  test('rules of the input have no line', async () => {
    const github = await startDouble();
    await gateOnForge({ forge: github, auc: 0.4, inputs: { rules: '- {metric: auc, min: 0.5}' } });
    expect(github.state.checks).toMatchObject([{ conclusion: 'failure', annotations: [] }]);
  });
});
