import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import * as path from 'node:path';
import { actionRun, verdict } from '../../scripts/story/telling.ts';
import { adopt, pageFiles, startTeam, type Team } from '@sluice/testing/adopt/team.ts';
import { DVC_BIN, dvcEnvironment } from '@sluice/testing/dvc/dvc.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

const params = (byCountry: boolean, step: number): Record<string, string> => ({
  'params.yaml': `train:\n  by_country: ${String(byCountry)}\n  step: ${step}\n`,
});

let team: Team;
let dvc: (...args: string[]) => void;
beforeAll(async () => {
  const storage = await temporaryFolder('dvc-storage');
  team = await startTeam('dvc', {
    env: { STAND_IN_PYTHON: path.dirname(DVC_BIN), DVC_NO_ANALYTICS: '1', SLUICE_DVC_REMOTES: storage },
    prepare: (project, elsewhere) => {
      dvc = (...args) =>
        void execFileSync('dvc', args, { cwd: project, env: dvcEnvironment(elsewhere), stdio: 'pipe' });
      dvc('init');
      dvc('remote', 'add', '--default', 'storage', storage);
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
  expect(verdict(proposed, 'evaluate-gate')).toBe('pass (ok)');
  expect(actionRun(proposed, 'evaluate-gate')?.result).toMatchObject({
    baseline: { source: 'base:metrics.json' },
  });
  const merged = await team.merge();
  expect(actionRun(merged, 'deploy')?.result).toMatchObject({ version: 'v1.0.0' });
});

test('the second pull request, whose author did not reproduce it, is green, and so is main', async () => {
  const proposed = await team.propose('countries', params(true, 50));
  expect(verdict(proposed, 'evaluate-gate')).toBe('pass (ok)');
  const merged = await team.merge();
  expect(actionRun(merged, 'deploy')?.result).toMatchObject({
    'previous-version': 'v1.0.0',
    version: 'v2.0.0',
  });
});

test('new data make a new test set: red, until the line of the page says that this is meant', async () => {
  team.git('switch', '--quiet', '--create', 'new-data');
  await appendFile(path.join(team.git.directory, 'data/transactions.csv'), '600,de,900,1\n');
  dvc('add', 'data/transactions.csv');
  dvc('repro');
  dvc('push');
  const red = await team.propose('new-data', {});
  expect(verdict(red, 'evaluate-gate')).toBe('error (different-test-set)');
  const config = (await pageFiles('dvc'))['sluice.yaml'] ?? '';
  const meant = await team.propose('new-data', {
    'sluice.yaml': config.replace('gate:\n', 'gate:\n  on-different-test-set: warn\n'),
  });
  expect(verdict(meant, 'evaluate-gate')).toBe('warn (different-test-set)');
  expect(meant.code).toBe(0);
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
