import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { testRows, type GateProject } from './gate-project.ts';
import type { GitHubDouble } from './github/server.ts';

/** Where the change of a fork comes from. */
export const FORK_HEAD = { repository: 'eve/flights', branch: 'change', sha: 'd'.repeat(40) };

/** Predictions for the test set of which this share is wrong, the ids and labels as they are there. */
export function forkPredictions(
  errors: number,
  change: (line: string, row: number) => string = (line) => line,
): string {
  const [, ...rows] = testRows().trim().split('\n');
  const lines = rows.map((line, row) => {
    const [id, carrier, label] = line.split(',');
    const prediction = (row * 37) % 100 < errors * 100 ? 1 - Number(label) : Number(label);
    return change([id, label, prediction, prediction === 1 ? 0.8 : 0.2, carrier].join(','), row);
  });
  return ['id,label,prediction,score,carrier', ...lines].filter((line) => line !== '').join('\n') + '\n';
}

/** Environment of a step that a fork's run started, as in fork-report.yml; `run` changes what the event says of that run. */
export async function forkRun(
  project: GateProject,
  github: GitHubDouble,
  run: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, string>> {
  const event = path.join(project.root, 'workflow-run.json');
  const payload = {
    event: 'pull_request',
    head_sha: FORK_HEAD.sha,
    head_branch: FORK_HEAD.branch,
    head_repository: { full_name: FORK_HEAD.repository },
    pull_requests: [],
    ...run,
  };
  await writeFile(event, JSON.stringify({ action: 'completed', workflow_run: payload }));
  return {
    ...github.env,
    GITHUB_EVENT_NAME: 'workflow_run',
    GITHUB_EVENT_PATH: event,
    GITHUB_SHA: await project.git('rev-parse', 'HEAD'),
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_RUN_ID: '42',
  };
}
