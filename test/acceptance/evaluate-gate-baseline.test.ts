import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { StepResult } from '@sluice/testing/action.ts';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

// Each test runs the built action, most of them several programs.
jest.setTimeout(180_000);

const RUN = 'https://github.com/acme/flights/actions/runs/9/attempts/1';
let project: GateProject;
let github: GitHubDouble;

/** Adds a key of `gate` to sluice.yaml. */
async function configure(line: string): Promise<void> {
  const text = await project.read('sluice.yaml');
  await project.write({ 'sluice.yaml': text.replace('gate:\n', `gate:\n  ${line}\n`) });
}

async function start(permissions: ConstructorParameters<typeof GitHubDouble>[0] = {}): Promise<void> {
  github = new GitHubDouble(permissions);
  await github.start();
}

const git = (...args: string[]): Promise<string> => project.git(...args);
const notes = (step: StepResult): string => step.summary;

beforeEach(async () => {
  project = await createGateProject();
  await start({ permissions: { actions: 'read' } });
});

afterEach(async () => {
  await github.stop();
  await project.remove();
  expect(github.violations).toEqual([]);
});

describe('max-age', () => {
  beforeEach(async () => {
    await configure('max-age: 30d');
    await project.register('v1.0.0', 0.1, {}, { daysAgo: 45 });
    await project.assign('v1.0.0', 'production');
    await project.candidate(0.1);
  });

  test('an old champion is passed over for the next source, and the report says so', async () => {
    await project.register('v2.0.0', 0.1);
    const step = await project.gate();
    expect(step.result).toMatchObject({
      decision: 'pass',
      baseline: { source: 'latest', version: 'v2.0.0' },
    });
    expect(step.stdout).toContain('champion: v1.0.0 is 45 days old, gate.max-age is 30d');
    expect(notes(step)).toContain('The baseline is not the first choice.');
    expect(notes(step)).toContain('45 days old');
  });

  test('without another source there is no baseline, and on-missing-baseline decides', async () => {
    expect((await project.gate()).result).toMatchObject({ 'reason-code': 'new-baseline', baseline: null });
    await configure('on-missing-baseline: fail');
    const step = await project.gate();
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'no-baseline' } });
    expect(step.result['message']).toContain('v1.0.0 is 45 days old, gate.max-age is 30d');
  });

  test('of a file no age is known, which is said', async () => {
    await project.write({ 'base.json': '{"accuracy": 0.9}' });
    const step = await project.gate({
      inputs: {
        baseline: 'file:base.json',
        rules: '[{metric: accuracy, max-regression: 0.5, compare: point}]',
      },
    });
    expect(step.result['baseline']).toMatchObject({ source: 'file:base.json', 'age-seconds': null });
    expect(notes(step)).toMatch(/How old the numbers of .* are is not known, so gate.max-age \(30d\)/);
  });
});

describe('merge-base', () => {
  /** The commit that v1.0.0 is registered at, two commits that have none, and a change from there. */
  let registered: string;
  let base: string;
  let head: string;

  beforeEach(async () => {
    await project.register('v1.0.0', 0.1, {}, { run: RUN });
    registered = await git('rev-parse', 'HEAD');
    await project.commit('Docs');
    base = await project.commit('More docs');
    await git('checkout', '--quiet', '-b', 'change');
    await git('commit', '--quiet', '--allow-empty', '--message', 'Change');
    head = await git('rev-parse', 'HEAD');
    await git('push', '--quiet', 'origin', 'change');
    await git('checkout', '--quiet', 'main');
  });

  /** A checkout with a candidate in it. */
  async function checkout(...options: string[]): Promise<string> {
    const clone = await project.clone(...options);
    await mkdir(path.join(clone, 'out'));
    await writeFile(path.join(clone, 'out/model.json'), '{"errors": 0.1}');
    return clone;
  }

  const gate = (workspace: string, more: Parameters<GateProject['gate']>[0] = {}): Promise<StepResult> =>
    project.gate({ workspace, github, head, inputs: { baseline: 'merge-base' }, ...more });

  test.each([
    ['a shallow checkout of the head', ['--depth=1', '--branch=change']],
    ['a whole checkout of the head', ['--branch=change']],
  ])('%s falls back to the nearest ancestor and says how far that is', async (_, options) => {
    const step = await gate(await checkout(...options));
    expect(step.result['baseline']).toMatchObject({
      source: 'merge-base',
      version: 'v1.0.0',
      commit: registered,
      run: RUN,
      'commits-behind': 2,
    });
    expect(step.stdout).toContain('fallback: 2 commits before the merge base');
    expect(step.stdout).toContain(`run: ${RUN}`);
    expect(notes(step)).toContain('fallback: 2 commits before the merge base');
    expect(notes(step)).toContain(`[run](${RUN})`);
  });

  test('a merge commit has the base it was made with, also after main moved on and got a version', async () => {
    await git('checkout', '--quiet', '-b', 'merged', 'main');
    await git('merge', '--quiet', '--no-ff', '--message', 'Merge', 'change');
    await git('push', '--quiet', 'origin', 'merged');
    await git('checkout', '--quiet', 'main');
    await project.register('v2.0.0', 0.5);
    const step = await gate(await checkout('--depth=1', '--branch=merged'));
    expect(step.result['baseline']).toMatchObject({ version: 'v1.0.0', 'commits-behind': 2 });
  });

  test('a base branch that was squash merged into has its own versions, however old the pull request', async () => {
    await git('checkout', '--quiet', 'main');
    await git('merge', '--quiet', '--squash', 'change');
    await project.register('v2.0.0', 0.1);
    const squashed = await git('rev-parse', 'HEAD');
    await git('checkout', '--quiet', '-b', 'merged');
    await git('merge', '--quiet', '--no-ff', '--strategy=ours', '--message', 'Merge', 'change');
    await git('push', '--quiet', 'origin', 'merged');
    const step = await gate(await checkout('--depth=1', '--branch=merged'));
    expect(step.result['baseline']).toMatchObject({
      version: 'v2.0.0',
      commit: squashed,
      'commits-behind': 0,
    });
    expect(step.summary).not.toContain('fallback');
  });

  test('a base without any version among its ancestors has no baseline', async () => {
    const orphan = await createGateProject();
    const first = await orphan.git('rev-parse', 'HEAD');
    await orphan.register('v1.0.0', 0.1);
    await orphan.git('checkout', '--quiet', '-b', 'change', first);
    await orphan.git('commit', '--quiet', '--allow-empty', '--message', 'Change');
    await orphan.candidate(0.1);
    const step = await orphan.gate({ inputs: { baseline: 'merge-base' }, env: { GITHUB_BASE_REF: 'main' } });
    await orphan.remove();
    expect(step.result).toMatchObject({ baseline: null, 'reason-code': 'new-baseline' });
    expect(step.stdout).toContain(`no version is registered at the merge base ${first.slice(0, 7)}`);
  });

  test('a run address that is no address is no link', async () => {
    await project.register('v3.0.0', 0.1, {}, { run: 'javascript:alert(1)](x' });
    const step = await project.gate({
      workspace: await checkout('--branch=main'),
      inputs: { baseline: 'latest' },
    });
    expect(step.result['baseline']).toMatchObject({ run: 'javascript:alert(1)](x', 'commits-behind': null });
    expect(step.summary).not.toContain('javascript:');
  });

  describe('while a run of the merge base goes on', () => {
    beforeEach(async () => {
      await configure('wait-for-baseline: 1h');
      github.state.runs.push({ id: 77, headSha: base, status: 'in_progress' });
    });

    /** The checkout with the setting, which is not committed. */
    async function waiting(): Promise<string> {
      const clone = await checkout('--depth=1', '--branch=change');
      await writeFile(path.join(clone, 'sluice.yaml'), await project.read('sluice.yaml'));
      return clone;
    }

    const asked = (): number => github.requests.filter((r) => r.path.endsWith('/actions/runs')).length;

    test('its version is waited for and used', async () => {
      const running = gate(await waiting());
      while (asked() < 1) await new Promise((resolve) => setTimeout(resolve, 50));
      // As the run does it: at the very commit.
      const tag = await project.remoteGit('for-each-ref', '--format=%(contents)', 'refs/tags/flights@v1.0.0');
      await project.tag('flights@v2.0.0', { commit: base, time: new Date(), message: `${tag}\n` });
      const step = await running;
      expect(step.result['baseline']).toMatchObject({ version: 'v2.0.0', 'commits-behind': 0 });
      expect(step.stdout).toContain(
        'https://github.com/acme/flights/actions/runs/77 has not ended. Waiting 2 s',
      );
    });

    test('it may end without a version; then the fallback says why', async () => {
      const running = gate(await waiting());
      while (asked() < 1) await new Promise((resolve) => setTimeout(resolve, 50));
      github.state.runs[0] = { id: 77, headSha: base, status: 'completed' };
      const step = await running;
      expect(step.result['baseline']).toMatchObject({ version: 'v1.0.0', 'commits-behind': 2 });
      expect(notes(step)).toContain(`the runs of ${base.slice(0, 7)} ended without registering a version`);
    });

    test('the wait is bounded', async () => {
      const clone = await waiting();
      const text = await project.read('sluice.yaml');
      await writeFile(path.join(clone, 'sluice.yaml'), text.replace('1h', '3s'));
      const step = await gate(clone);
      expect(step.result['baseline']).toMatchObject({ version: 'v1.0.0', 'commits-behind': 2 });
      expect(notes(step)).toContain('after waiting 3 s the run');
      expect(asked()).toBeGreaterThan(1);
    });

    test('a cancelled job stops waiting at once', async () => {
      const step = await gate(await waiting(), { kill: { signal: 'SIGTERM', after: 'Waiting 2 s' } });
      expect(step.outputs['reason-code']).toBe('cancelled');
      expect(github.state.checks).toMatchObject([{ conclusion: 'cancelled' }]);
    });

    test('its own run is not waited for', async () => {
      github.state.runs[0] = { id: 42, headSha: base, status: 'in_progress' };
      const step = await gate(await waiting());
      expect(step.stdout).not.toContain('Waiting');
      expect(step.result['baseline']).toMatchObject({ 'commits-behind': 2 });
    });

    test('without the permission it goes on at once, with one notice that has the lines to add', async () => {
      const { runs } = github.state;
      await github.stop();
      await start();
      github.state.runs.push(...runs);
      const step = await gate(await waiting());
      expect(step.result['baseline']).toMatchObject({ version: 'v1.0.0', 'commits-behind': 2 });
      expect(step.annotations.filter((a) => a.level === 'notice')).toMatchObject([
        { message: expect.stringContaining('permissions:\n  actions: read') },
      ]);
    });

    test('without the setting nothing is asked', async () => {
      await gate(await checkout('--depth=1', '--branch=change'));
      expect(asked()).toBe(0);
    });
  });
});
