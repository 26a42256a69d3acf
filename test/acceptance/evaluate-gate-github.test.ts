import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

// Each test runs the built action, most of them several programs.
jest.setTimeout(60_000);

const MARKER = '<!-- sluice:evaluate-gate:flights -->';
/** What a reader sees of a comment. */
function withoutMarkers(body = ''): string {
  return body.replace(/^<!-- sluice:.* -->\n/gm, '').trim();
}

let project: GateProject;
let github: GitHubDouble;

async function start(permissions: ConstructorParameters<typeof GitHubDouble>[0] = {}): Promise<void> {
  github = new GitHubDouble(permissions);
  await github.start();
}

beforeEach(async () => {
  project = await createGateProject();
  await project.register('v1.0.0', 0.1);
  await project.assign('v1.0.0', 'production');
  await start();
});

afterEach(async () => {
  await github.stop();
  await project.remove();
  expect(github.violations).toEqual([]);
});

test('one comment is created and updated in place, each run completes its check at the head of the pull request', async () => {
  await project.candidate(0.2);
  const worse = await project.gate({ github });
  expect(worse.code).toBe(1);
  expect(github.state.comments).toMatchObject([
    { issue: 7, body: expect.stringContaining('does not pass its gate') },
  ]);
  await project.candidate(0.05);
  const better = await project.gate({ github });
  expect(better.code).toBe(0);
  expect(github.state.comments).toHaveLength(1);
  expect(github.state.comments[0]?.body.startsWith(`${MARKER}\n`)).toBe(true);
  expect(withoutMarkers(github.state.comments[0]?.body)).toBe(better.summary.trim());
  const headSha = await project.git('rev-parse', 'HEAD');
  expect(github.state.checks).toMatchObject([
    {
      name: 'Sluice: flights',
      headSha,
      status: 'completed',
      conclusion: 'failure',
      title: expect.stringContaining('accuracy fell'),
    },
    {
      name: 'Sluice: flights',
      headSha,
      status: 'completed',
      conclusion: 'success',
      summary: better.summary.trimEnd() + '\n',
    },
  ]);
  expect(better.stdout.replace('::add-mask::ghs_test', '')).not.toContain('ghs_test');
});

test('the check stands in progress before the model is evaluated', async () => {
  await project.candidate(0.1);
  const step = await project.gate({ github });
  const lines = step.stdout.split('\n');
  expect(github.requests[0]).toMatchObject({
    method: 'POST',
    status: 201,
    path: '/repos/acme/flights/check-runs',
  });
  expect(lines.findIndex((l) => l.includes('Evaluate the candidate'))).toBeGreaterThan(0);
});

test('a report that is too long for a comment is shorter there, with a pointer, and whole in the summary', async () => {
  const rule = (i: number): string => `- {metric: accuracy, name: rule-${i}, min: 0.5, slices: [{by: id}]}`;
  await project.candidate(0.2);
  const step = await project.gate({
    github,
    inputs: { rules: Array.from({ length: 5 }, (_, i) => rule(i)).join('\n') },
  });
  expect(step.summary.length).toBeGreaterThan(65_535);
  expect(step.summary).toContain('Slices of rule-4 by id');
  for (const text of [github.state.comments[0]?.body ?? '', github.state.checks[0]?.summary ?? '']) {
    expect(text.length).toBeLessThanOrEqual(65_535);
    expect(text).toContain('does not pass its gate');
    expect(text).not.toContain('Slices of rule-4 by id');
    expect(text).toContain(
      'All of it is in the job summary (https://github.com/acme/flights/actions/runs/42)',
    );
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  }
});

describe('comment', () => {
  test.each([
    ['never', 0.2, 0],
    ['on-failure', 0.1, 0],
    ['on-failure', 0.2, 1],
    ['on-change', 0.1, 0],
    ['on-change', 0.05, 1],
    ['always', 0.1, 1],
  ])('%s with errors %d writes %d', async (comment, errors, count) => {
    await project.candidate(errors);
    await project.gate({ github, inputs: { comment } });
    expect(github.state.comments).toHaveLength(count);
    expect(github.state.checks).toMatchObject([{ status: 'completed' }]);
  });

  test('a dry run writes nothing', async () => {
    await project.candidate(0.2);
    const step = await project.gate({ github, inputs: { 'dry-run': 'true' } });
    expect(step.code).toBe(1);
    expect(github.requests).toEqual([]);
  });
});

describe('what GitHub refuses never changes the verdict', () => {
  test.each([
    [
      { checks: 'none', 'pull-requests': 'read' } as const,
      false,
      'permissions:\n  contents: read\n  checks: write\n  pull-requests: write',
    ],
    [{ checks: 'none' } as const, false, 'checks: write'],
    [{ 'pull-requests': 'read' } as const, false, 'pull-requests: write'],
    [{ checks: 'none', 'pull-requests': 'read' } as const, true, 'comes from a fork'],
  ])('%j (fork: %s) is one warning that says %j', async (permissions, fork, text) => {
    await github.stop();
    await start({ permissions });
    await project.candidate(0.1);
    const step = await project.gate({ github, fork });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
    expect(step.annotations.filter((a) => a.level === 'warning')).toMatchObject([
      { message: expect.stringContaining(text) },
    ]);
  });

  test('a token that is not accepted', async () => {
    await project.candidate(0.2);
    const step = await project.gate({ github, inputs: { 'github-token': 'old' } });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
    expect(step.annotations.find((a) => a.level === 'warning')?.message).toContain(
      'does not accept the token',
    );
  });

  test.each(['torn', 'reset'] as const)(
    'a %s answer after the request was carried out writes nothing twice',
    async (kind) => {
      github.fail({ method: 'POST', path: /comments$/, kind });
      github.fail({ method: 'POST', path: /check-runs$/, kind });
      await project.candidate(0.1);
      expect((await project.gate({ github })).code).toBe(0);
      expect(github.state.comments).toHaveLength(1);
      expect(github.state.checks).toMatchObject([{ status: 'completed', conclusion: 'success' }]);
    },
  );

  test('a server that is down', async () => {
    github.fail({ method: 'POST', path: /./, kind: { status: 503 }, times: 99 });
    await project.candidate(0.1);
    const step = await project.gate({ github });
    expect(step.code).toBe(0);
    expect(step.annotations.filter((a) => a.level === 'warning')).toHaveLength(1);
  });
});

test('an error completes the check and says why', async () => {
  await project.candidate(0.1);
  const step = await project.gate({ github, inputs: { evaluate: 'node -e process.exit(3)' } });
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'command-failed' } });
  expect(github.state.checks).toMatchObject([
    { status: 'completed', conclusion: 'failure', summary: expect.stringContaining('exit code 3') },
  ]);
  expect(github.state.comments).toMatchObject([{ body: expect.stringContaining('could not be judged') }]);
});

test('SIGTERM in the middle of evaluate leaves nothing running, no verdict, and a cancelled check', async () => {
  await project.candidate(0.1);
  await project.gate({ github });
  await project.write({ 'slow.mjs': 'console.log("pid " + process.pid); setInterval(() => {}, 1000);' });
  const step = await project.gate({
    github,
    inputs: { evaluate: 'node slow.mjs' },
    kill: { signal: 'SIGTERM', after: 'pid ' },
  });
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'cancelled' } });
  expect(github.state.comments).toMatchObject([{ body: expect.stringContaining('passes its gate') }]);
  expect(github.state.checks.at(-1)).toMatchObject({ status: 'completed', conclusion: 'cancelled' });
  await expect(project.read('.sluice/evidence/evaluate-gate.json')).rejects.toThrow('ENOENT');
  const pid = Number(/pid (\d+)/.exec(step.stdout)?.[1]);
  await sleep(100);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
