/**
 * Whether workflow runs of this server have identities that Sigstore knows: github.com and GitHub Enterprise Cloud with data
 * residency (`<tenant>.ghe.com`). GitHub Enterprise Server, Gitea and Forgejo have none.
 */
export function hasIdentities(server: string): boolean {
  return server === 'https://github.com' || tenantOf(server) !== undefined;
}

/** `octocorp` of https://octocorp.ghe.com; undefined elsewhere. */
export function tenantOf(server: string): string | undefined {
  return /^https:\/\/([a-z0-9-]+)\.ghe\.com$/.exec(server)?.[1];
}
