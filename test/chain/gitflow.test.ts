import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { actionRun, verdict } from '../../scripts/story/telling.ts';
import { ROOT } from '../../scripts/story/world.ts';
import { pageFiles, startTeam, type Team } from '@sluice/testing/adopt/team.ts';
import type { ActRun } from '@sluice/testing/act.ts';

/** Runs of workflows on a busy machine. */
const LONG = 5 * 60_000;
const WORKFLOW = 'gitflow.yml';

let team: Team;
beforeAll(async () => {
  team = await startTeam('scikit-learn', { workflow: WORKFLOW });
  team.git('switch', '--quiet', '--create', 'develop');
  team.git('push', '--quiet', 'origin', 'develop');
}, LONG);
afterAll(async () => {
  await team.leave();
});

/** The version that a run brought into an environment. */
const deployed = (run: ActRun): object => {
  const { environment, version } = actionRun(run, 'deploy')?.result ?? {};
  return { environment, version };
};

/** Begins a release on develop. */
function beginRelease(branch: string): void {
  team.git('switch', '--quiet', 'develop');
  team.git('switch', '--quiet', '--create', branch);
}

test(
  'a pull request into develop is judged',
  async () => {
    const { 'sluice.yaml': config = '' } = await pageFiles('scikit-learn');
    const environments = config.replace(/^ {2}production: (.*)churn'(.*)$/m, "  staging: $1staging'$2\n$&");
    expect(environments).toContain('staging');
    const workflow = await readFile(path.join(ROOT, 'workflows-examples', WORKFLOW), 'utf8');
    const files = { 'sluice.yaml': environments, [`.github/workflows/${WORKFLOW}`]: workflow };
    const run = await team.propose('sluice', files, 'develop');
    expect(verdict(run, 'evaluate-gate')).toBe('pass (ok)');
    expect(verdict(run, 'deploy')).toBe('did not run');
  },
  LONG,
);

test(
  'a release branch brings the model to staging, and main what staging runs to production, without training',
  async () => {
    // A merge into develop starts nothing.
    team.git('switch', '--quiet', 'develop');
    team.git('merge', '--quiet', 'sluice');
    beginRelease('release/1');
    expect(deployed(await team.push())).toEqual({ environment: 'staging', version: 'v1.0.0' });
    const main = await team.merge();
    expect(verdict(main, 'train')).toBe('did not run');
    expect(deployed(main)).toEqual({ environment: 'production', version: 'v1.0.0' });
  },
  LONG,
);

test(
  'production stays as it is while the next release is tried',
  async () => {
    beginRelease('release/2');
    await team.commit({ 'params.json': '{ "max_depth": 4 }\n' });
    const release = await team.push();
    expect(deployed(release)).toEqual({ environment: 'staging', version: 'v2.0.0' });
    expect(verdict(release, 'evaluate-gate')).toBe('pass (ok)');
    expect(deployed(await team.merge())).toEqual({ environment: 'production', version: 'v2.0.0' });
    expect(team.github.violations).toEqual([]);
  },
  LONG,
);
