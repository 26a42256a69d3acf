import { UserError } from '../../action/errors.ts';
import { hasIdentities } from './server.ts';

/** What a job that signs needs. */
export const PERMISSIONS = `permissions:
  contents: write
  id-token: write
  attestations: write
As soon as one permission is written, all others are none; keep those that the job has.`;

/** Throws UserError `bad-config` where workflow runs have no identity, `no-permission` where this one may not ask for its own. */
export function requireIdentity(env: Readonly<NodeJS.ProcessEnv>): void {
  const { GITHUB_SERVER_URL: server = '', ACTIONS_ID_TOKEN_REQUEST_URL: url } = env;
  if (!hasIdentities(server)) {
    throw new UserError(
      'bad-config',
      `evidence.attest is true, but workflow runs of ${server === '' ? 'this machine' : server} have no identity that Sigstore knows. It works on github.com and ghe.com. Elsewhere leave evidence.attest out and protect the tags of the ledger.`,
    );
  }
  if (url) return;
  throw new UserError(
    'no-permission',
    `The model cannot be signed: the job may not ask for its identity. Add to the job:\n${PERMISSIONS}\nPull requests from forks never get an identity.`,
  );
}
