import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as path from 'node:path';
import { actionRun, verdict } from '../../scripts/story/telling.ts';
import { ROOT } from '@sluice/testing/action.ts';
import { filesOfPage } from '@sluice/testing/adopt/page.ts';
import { startTeam, type Team } from '@sluice/testing/adopt/team.ts';

/** Runs of workflows on a busy machine. */
const LONG = 5 * 60_000;
const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: churn
version: 1.0.0
status: active
schema:
  - name: customers
    properties:
      - { name: id, logicalType: integer, required: true }
      - { name: months, logicalType: integer, required: true }
      - { name: tickets, logicalType: integer, required: true }
      - { name: spend, logicalType: number, required: true }
      - { name: churned, logicalType: integer, required: true, logicalTypeOptions: { minimum: 0, maximum: 1 } }
`;

let team: Team;
beforeAll(async () => {
  team = await startTeam('scikit-learn');
}, LONG);
afterAll(async () => {
  await team.leave();
});

test(
  'the files of README, word for word, bring a model into production, and its successor',
  async () => {
    const files = Object.fromEntries(await filesOfPage(path.join(ROOT, 'README.md')));
    const proposed = await team.propose('sluice', { ...files, 'contracts/churn.odcs.yaml': CONTRACT });
    expect(verdict(proposed, 'validate-data')).toBe('pass (ok)');
    expect(verdict(proposed, 'evaluate-gate')).toBe('pass (new-baseline)');
    const merged = await team.merge();
    expect(actionRun(merged, 'deploy')?.result).toMatchObject({ version: 'v1.0.0' });
    const second = await team.propose('deeper', { 'params.json': '{ "max_depth": 4 }\n' });
    expect(verdict(second, 'evaluate-gate')).toBe('pass (ok)');
    expect(actionRun(await team.merge(), 'deploy')?.result).toMatchObject({
      'previous-version': 'v1.0.0',
      version: 'v2.0.0',
    });
    expect(team.github.violations).toEqual([]);
  },
  LONG,
);
