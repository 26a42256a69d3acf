/** Why what is put into a store goes with the job, a sentence, and what to do; undefined where it stays. */
export function shortLived(
  uri: string,
  { RUNNER_ENVIRONMENT }: Readonly<NodeJS.ProcessEnv>,
): string | undefined {
  if (!uri.startsWith('dir:') || RUNNER_ENVIRONMENT !== 'github-hosted') return undefined;
  return `The store ${uri} is a folder of a runner of GitHub, which goes with this job, and the bytes with it: no later job can deploy the version or compare with it. Set registry.store to release: (nothing to set up) or s3://bucket/prefix, or register on a runner of your own, and run again.`;
}
