import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';

// Each test runs the built action, most of them several times.
jest.setTimeout(120_000);

const LABEL = 'sluice:accept';
const ADA = { login: 'ada', type: 'User' };
let project: GateProject;
let github: GitHubDouble;

beforeEach(async () => {
  project = await createGateProject();
  await project.register('v1.0.0', 0.1);
  await project.assign('v1.0.0', 'production');
  await project.candidate(0.2);
  github = new GitHubDouble();
  await github.start();
  github.state.collaborators.set('ada', 'maintain').set('rob', 'triage');
});

afterEach(async () => {
  await github.stop();
  await project.remove();
  expect(github.violations).toEqual([]);
});

const gate = (inputs: Record<string, string> = {}): ReturnType<GateProject['gate']> =>
  project.gate({ github, inputs });
const setLabel = (actor = ADA, secondsFromNow = 2, label = LABEL): void =>
  github.state.changeLabel({
    issue: 7,
    event: 'labeled',
    label,
    actor,
    at: new Date(Date.now() + secondsFromNow * 1000),
  });
const comment = (): string => github.state.comments[0]?.body ?? '';

describe('a failure', () => {
  test('says how it can be accepted', async () => {
    const step = await gate();
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
    expect(comment()).toContain('set the label sluice:accept');
    expect(step.result).toMatchObject({ acknowledgement: null, summary: { failed: 1, acknowledged: 0 } });
  });

  test('is accepted by somebody with write permission who saw it, again and again', async () => {
    await gate();
    setLabel();
    for (const step of [await gate(), await gate()]) {
      expect(step).toMatchObject({
        code: 0,
        outputs: { decision: 'warn', 'reason-code': 'acknowledged', 'failed-rules': '[]' },
        result: {
          acknowledgement: { by: 'ada', label: LABEL },
          rules: [{ id: 'accuracy', verdict: 'acknowledged' }],
          summary: { failed: 0, acknowledged: 1, warned: 0 },
        },
      });
      expect(step.outputs['result']).toMatch(
        /"message":"ada accepted on \d{4}-\d\d-\d\d \d\d:\d\d UTC that accuracy fell/,
      );
      for (const text of [comment(), step.summary]) {
        expect(text).toContain('does not pass its gate, and was accepted: this can merge');
        expect(text).toContain('**fail, acknowledged**');
        expect(text).toContain('What failed was accepted by ada on');
      }
      expect(github.state.checks.at(-1)).toMatchObject({ conclusion: 'neutral' });
    }
    expect(JSON.parse(await project.read('.sluice/evidence/evaluate-gate.json'))).toMatchObject({
      predicate: {
        result: 'WARNED',
        warnedTests: [],
        failedTests: ['accuracy'],
        acknowledged: { by: 'ada', label: LABEL, numbers: expect.stringMatching(/^[0-9a-f]{16}$/) },
      },
    });
  });

  test('is not accepted any more when the numbers change, nor when they change back', async () => {
    await gate();
    setLabel();
    expect((await gate()).code).toBe(0);
    await project.candidate(0.25);
    const changed = await gate();
    expect(changed).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
    expect(comment()).toContain('for other numbers. To accept these, take the label off and set it again.');
    await project.candidate(0.2);
    expect((await gate()).code).toBe(1);
    setLabel(ADA, 5);
    expect((await gate()).code).toBe(0);
  });

  test('is not accepted any more when the label is taken off', async () => {
    await gate();
    setLabel();
    expect((await gate()).code).toBe(0);
    github.state.changeLabel({ issue: 7, event: 'unlabeled', label: LABEL, actor: ADA, at: new Date() });
    expect((await gate()).code).toBe(1);
  });

  test('stays accepted over a run that could not judge', async () => {
    await gate();
    setLabel();
    const broken = await gate({ evaluate: 'node -e process.exit(3)' });
    expect(broken.outputs['decision']).toBe('error');
    expect((await gate()).code).toBe(0);
  });

  test.each([
    ['somebody who may only read', { login: 'rob', type: 'User' }, "by rob, who has the permission 'read'"],
    [
      'an account that is gone',
      { login: 'eve', type: 'User' },
      'by eve, an account that is not known any more',
    ],
    ['an app', { login: 'labeler[bot]', type: 'Bot' }, 'which is an app'],
  ])('is not accepted by %s', async (_who, actor, said) => {
    await gate();
    setLabel(actor);
    const step = await gate();
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
    expect(step.stdout).toContain(said);
    expect(comment()).toContain('has to take it off and set it');
  });

  test('is not accepted by a label from before it was shown', async () => {
    setLabel(ADA, -60);
    expect((await gate()).stdout).toContain('before any failing numbers were shown');
    const again = await gate();
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('before these numbers were shown');
  });

  test('is not accepted when the comment is off, because nobody saw the numbers', async () => {
    setLabel();
    await gate({ comment: 'never' });
    expect(await gate({ comment: 'never' })).toMatchObject({ code: 1, result: { acknowledgement: null } });
  });

  test.each([
    ['timeline', 403],
    ['permission', 403],
    ['labels', 503],
  ])('is not accepted where the %s cannot be read (%d), and one warning says so', async (part, status) => {
    await gate();
    setLabel();
    github.fail({ method: 'GET', path: new RegExp(`/${part}$`), kind: { status }, times: 9 });
    const step = await gate();
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
    const warnings = step.annotations.filter(
      ({ level, properties }) => level === 'warning' && properties['title'] === 'evaluate-gate: not accepted',
    );
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message.includes('pull-requests: write')).toBe(status === 403);
  });
});

test('what could not be judged cannot be accepted', async () => {
  await gate();
  setLabel();
  const rules = '[{metric: accuracy, max-regression: 0.02}, {metric: missing, direction: higher, min: 1}]';
  const step = await gate({ rules });
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'error' }, result: { acknowledgement: null } });
});

test('the label can be another, or none at all', async () => {
  const config = await project.read('sluice.yaml');
  await project.write({ 'sluice.yaml': config.replace('gate:', 'gate:\n  acknowledge: {label: Ship It}') });
  await gate();
  setLabel(ADA, 2, 'ship it');
  expect((await gate()).code).toBe(0);
  await project.write({ 'sluice.yaml': config.replace('gate:', 'gate:\n  acknowledge: false') });
  const step = await gate();
  expect(step.code).toBe(1);
  expect(step.summary).not.toContain('accept');
});
