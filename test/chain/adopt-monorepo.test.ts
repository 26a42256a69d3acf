import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from '../../scripts/story/world.ts';
import { adopt, startTeam, type Team } from '@sluice/testing/adopt/team.ts';
import type { ActRun } from '@sluice/testing/act.ts';

/** Runs of workflows on a busy machine. */
const LONG = 5 * 60_000;
const WORKFLOW = 'monorepo.yml';
const degrees = (churn: number, demand: number): Record<string, string> => ({
  'models/churn/params.json': `{ "degree": ${churn} }\n`,
  'models/demand/params.json': `{ "degree": ${demand} }\n`,
});

let team: Team;
beforeAll(async () => {
  team = await startTeam('monorepo', { workflow: WORKFLOW });
}, LONG);
afterAll(async () => {
  await team.leave();
});

/** What an action said of each model: reason code, and the version where there is one. */
function said(run: ActRun, action: string): Record<string, string> {
  const results = run.steps
    .flatMap(({ outputs }) => outputs['result'] ?? [])
    .map((text) => JSON.parse(text) as Record<string, string>)
    .filter((result) => result['action'] === action);
  return Object.fromEntries(
    results.map(({ model = '', 'reason-code': code = '', version }) => [model, version ?? code]),
  );
}

test(
  'the files of the page and the example, word for word, bring a first version of each into production',
  async () => {
    const example = await readFile(path.join(ROOT, 'workflows-examples', WORKFLOW), 'utf8');
    const proposed = await adopt(team, 'monorepo', ['.github/workflows/train-all.yml'], {
      [`.github/workflows/${WORKFLOW}`]: example,
    });
    expect(said(proposed, 'evaluate-gate')).toEqual({ churn: 'new-baseline', demand: 'new-baseline' });
    const merged = await team.merge();
    expect(said(merged, 'deploy')).toEqual({ churn: 'v1.0.0', demand: 'v1.0.0' });
  },
  LONG,
);

test(
  'a pull request for one model is green for both, and gives a version to that one alone',
  async () => {
    const proposed = await team.propose('curves', degrees(2, 1));
    expect(said(proposed, 'evaluate-gate')).toEqual({ churn: 'ok', demand: 'ok' });
    const merged = await team.merge();
    expect(said(merged, 'deploy')).toEqual({ churn: 'v2.0.0', demand: 'v1.0.0' });
  },
  LONG,
);

test(
  'one model is red and the other is not; a better one on the same pull request is green',
  async () => {
    const red = await team.propose('change', degrees(1, 2));
    expect(said(red, 'evaluate-gate')).toEqual({ churn: 'regression', demand: 'ok' });
    const green = await team.propose('change', degrees(4, 2));
    expect(said(green, 'evaluate-gate')).toEqual({ churn: 'ok', demand: 'ok' });
  },
  LONG,
);

test(
  'one click brings the first model back, and leaves the other alone',
  async () => {
    const run = await team.rollBack('alarms everybody', { model: 'churn' });
    expect(said(run, 'rollback')).toEqual({ churn: 'v1.0.0' });
    expect(run.code).toBe(0);
    expect(team.github.violations).toEqual([]);
  },
  LONG,
);
