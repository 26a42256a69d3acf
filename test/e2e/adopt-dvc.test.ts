import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { actionRun, verdict } from '../../scripts/story/telling.ts';
import { adopt, startTeam, type Team } from '@sluice/testing/adopt/team.ts';
import { DVC_BIN, dvcEnvironment } from '@sluice/testing/dvc/dvc.ts';

/** Whoever changes them does what DVC's users do: reproduces, pushes the outputs, commits dvc.lock. */
const params = (byCountry: boolean, step: number): Record<string, string> => ({
  'params.yaml': `train:\n  by_country: ${String(byCountry)}\n  step: ${step}\n`,
});

let team: Team;
beforeAll(async () => {
  team = await startTeam('dvc', {
    env: { STAND_IN_PYTHON: path.dirname(DVC_BIN), DVC_NO_ANALYTICS: '1' },
    prepare: (project, elsewhere) => {
      const options = { cwd: project, env: dvcEnvironment(elsewhere), stdio: 'pipe' } as const;
      const dvc = (...args: string[]): Buffer => execFileSync('dvc', args, options);
      dvc('init');
      dvc('remote', 'add', '--default', 'storage', path.join(elsewhere, 'dvc-storage'));
      dvc('add', 'data/transactions.csv');
      dvc('repro');
      dvc('push');
    },
  });
  // The team registered versions by GTO; such a tag does not say which bytes it is about.
  team.git('tag', '--annotate', '--message=Registering artifact fraud version v0.9.0', 'fraud@v0.9.0');
  team.git('push', '--quiet', 'origin', 'fraud@v0.9.0');
});
afterAll(async () => {
  await team.leave();
});

test('the files of the page, word for word, bring the first model into production', async () => {
  const proposed = await adopt(team, 'dvc', ['.github/workflows/dvc.yml']);
  expect(verdict(proposed, 'evaluate-gate')).toBe('pass (new-baseline)');
  const merged = await team.merge();
  expect(actionRun(merged, 'deploy')?.result).toMatchObject({ version: 'v1.0.0' });
});

test('the second pull request, reproduced by its author, is green, and so is main', async () => {
  const proposed = await team.propose('countries', params(true, 50));
  expect(verdict(proposed, 'evaluate-gate')).toBe('pass (ok)');
  const merged = await team.merge();
  expect(actionRun(merged, 'deploy')?.result).toMatchObject({
    'previous-version': 'v1.0.0',
    version: 'v2.0.0',
  });
});

test('a worse model is red; a better one on the same pull request is green', async () => {
  const red = await team.propose('coarse', params(false, 400));
  expect(verdict(red, 'evaluate-gate')).toBe('fail (regression)');
  const green = await team.propose('coarse', params(true, 10));
  expect(verdict(green, 'evaluate-gate')).toBe('pass (ok)');
});

test('one click brings the first model back', async () => {
  const run = await team.rollBack('blocks customers abroad');
  expect(actionRun(run, 'rollback')?.result).toMatchObject({
    'previous-version': 'v2.0.0',
    version: 'v1.0.0',
  });
  expect(run.code).toBe(0);
  expect(team.github.violations).toEqual([]);
});
