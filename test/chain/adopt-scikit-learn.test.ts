import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { actionRun, verdict } from '../../scripts/story/telling.ts';
import { adopt, startTeam, type Team } from '@sluice/testing/adopt/team.ts';

/** Runs of workflows on a busy machine. */
const LONG = 5 * 60_000;
const depth = (depth: number): Record<string, string> => ({ 'params.json': `{ "max_depth": ${depth} }\n` });

let team: Team;
beforeAll(async () => {
  team = await startTeam('scikit-learn');
}, LONG);
afterAll(async () => {
  await team.leave();
});

test(
  'the files of the page, word for word, bring the first model into production',
  async () => {
    const proposed = await adopt(team, 'scikit-learn', ['.github/workflows/cml.yml', 'metrics.json']);
    expect(verdict(proposed, 'evaluate-gate')).toBe('pass (ok)');
    expect(actionRun(proposed, 'evaluate-gate')?.result).toMatchObject({
      baseline: { source: 'base:metrics.json' },
    });
    const merged = await team.merge();
    expect(merged.code).toBe(0);
    expect(actionRun(merged, 'register-model')?.result).toMatchObject({ version: 'v1.0.0' });
    expect(actionRun(merged, 'deploy')?.result).toMatchObject({ version: 'v1.0.0' });
  },
  LONG,
);

test(
  'the second pull request is green, and so is main',
  async () => {
    const proposed = await team.propose('deeper', depth(4));
    expect(verdict(proposed, 'evaluate-gate')).toBe('pass (ok)');
    const merged = await team.merge();
    expect(actionRun(merged, 'deploy')?.result).toMatchObject({
      'previous-version': 'v1.0.0',
      version: 'v2.0.0',
    });
  },
  LONG,
);

test(
  'a worse model is red; a better one on the same pull request is green again',
  async () => {
    const red = await team.propose('shallow', depth(1));
    expect(verdict(red, 'evaluate-gate')).toBe('fail (regression)');
    const green = await team.propose('shallow', depth(3));
    expect(verdict(green, 'evaluate-gate')).toBe('pass (ok)');
  },
  LONG,
);

test(
  'one click brings the first model back',
  async () => {
    const run = await team.rollBack('too many false alarms');
    expect(actionRun(run, 'rollback')?.result).toMatchObject({
      'previous-version': 'v2.0.0',
      version: 'v1.0.0',
    });
    expect(run.code).toBe(0);
    expect(team.github.violations).toEqual([]);
  },
  LONG,
);
