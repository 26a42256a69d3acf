type Env = Readonly<NodeJS.ProcessEnv>;

/**
 * The number that the address of the workflow run has: its id on GitHub and Gitea, its place among the runs of the
 * repository on Forgejo, whose pages know no ids. Both only grow. Undefined outside of a run.
 */
export function runInAddress({
  FORGEJO_ACTIONS: forgejo,
  GITHUB_RUN_ID: id,
  GITHUB_RUN_NUMBER: number,
}: Env): string | undefined {
  return (forgejo === 'true' ? number : id) || undefined;
}

/** URL of the attempt of the workflow run that a step belongs to; undefined outside of one. */
export function runUrl(env: Env): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env;
  const run = runInAddress(env);
  if (!server || !repository || run === undefined) return undefined;
  const address = `${server}/${repository}/actions/runs/${run}`;
  // Forgejo has attempts of jobs only.
  return env['FORGEJO_ACTIONS'] === 'true'
    ? address
    : `${address}/attempts/${env['GITHUB_RUN_ATTEMPT'] ?? '1'}`;
}
