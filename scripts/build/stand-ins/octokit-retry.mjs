// In place of Octokit's plugin for retries: none.
export const retry = () => ({});
