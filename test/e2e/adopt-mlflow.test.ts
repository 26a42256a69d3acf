import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { actionRun, verdict } from '../../scripts/story/telling.ts';
import { adopt, startTeam, type Team } from '@sluice/testing/adopt/team.ts';
import { askPython } from '@sluice/testing/mlflow/python.ts';
import { PYTHON, startMlflow, type StartedServer } from '@sluice/testing/mlflow/server.ts';

const params = (degree: number): Record<string, string> => ({
  'params.json': `{ "degree": ${degree}, "alpha": 1.0 }\n`,
});
const ALIASES = `
import json
from mlflow import MlflowClient
print(json.dumps(MlflowClient().get_registered_model("wine").aliases))`;

let server: StartedServer;
let team: Team;
const aliases = async (): Promise<unknown> => askPython(ALIASES, server.url);

beforeAll(async () => {
  server = await startMlflow();
  team = await startTeam('mlflow', {
    env: { STAND_IN_PYTHON: path.dirname(path.dirname(PYTHON)) },
    vars: { MLFLOW_TRACKING_URI: server.url },
    // The team has registered a version by itself before.
    prepare: (project, elsewhere) =>
      void execFileSync(PYTHON, ['train.py'], {
        cwd: project,
        env: { PATH: path.dirname(PYTHON), HOME: elsewhere, MLFLOW_TRACKING_URI: server.url },
        stdio: 'pipe',
      }),
  });
});
afterAll(async () => {
  await team.leave();
  await server.stop();
});

test("the page, word for word, brings the first model into production, after the team's own version", async () => {
  const proposed = await adopt(team, 'mlflow', ['.github/workflows/train.yml', 'promote.py']);
  expect(verdict(proposed, 'evaluate-gate')).toBe('pass (new-baseline)');
  const merged = await team.merge();
  expect(actionRun(merged, 'deploy')?.result).toMatchObject({ version: 'v2.0.0' });
  expect(await aliases()).toEqual({ production: '2' });
});

test('the second pull request is green, and so is main', async () => {
  const proposed = await team.propose('curves', params(2));
  expect(verdict(proposed, 'evaluate-gate')).toBe('pass (ok)');
  const merged = await team.merge();
  expect(actionRun(merged, 'deploy')?.result).toMatchObject({
    'previous-version': 'v2.0.0',
    version: 'v3.0.0',
  });
  expect(await aliases()).toEqual({ production: '3' });
});

test('a worse model is red; a better one on the same pull request is green', async () => {
  const red = await team.propose('lines', params(1));
  expect(verdict(red, 'evaluate-gate')).toBe('fail (regression)');
  const green = await team.propose('lines', params(3));
  expect(verdict(green, 'evaluate-gate')).toBe('pass (ok)');
});

test('one click brings the first model back, and the alias with it', async () => {
  const run = await team.rollBack('praises cheap wine');
  expect(run.code).toBe(0);
  expect(actionRun(run, 'rollback')?.result).toMatchObject({
    'previous-version': 'v3.0.0',
    version: 'v2.0.0',
  });
  expect(await aliases()).toEqual({ production: '2' });
  expect(team.github.violations).toEqual([]);
});
