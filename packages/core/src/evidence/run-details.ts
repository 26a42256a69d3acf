import type { RunDetails } from './statement.ts';

const LOCAL = 'https://github.com/sluice-ml/sluice/blob/v1/docs/evidence.md#local';

/** URL of the workflow file, with its ref, that a step belongs to; undefined outside of a workflow. */
export function workflowOf(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_WORKFLOW_REF: workflow } = env;
  return !server || !repository ? undefined : `${server}/${workflow || repository}`;
}

/** Which workflow tested something, in which run, and when; in the words of SLSA provenance v1. */
export function runDetails(
  env: Readonly<NodeJS.ProcessEnv>,
  invocationId: string | undefined,
  finished: Date,
): RunDetails {
  return {
    builder: { id: workflowOf(env) ?? LOCAL },
    metadata: {
      ...(invocationId === undefined ? {} : { invocationId }),
      finishedOn: finished.toISOString(),
    },
  };
}
