import { UserError } from '../action/errors.ts';
import type { RemoteAccess } from './remote.ts';

const PERMISSIONS = `permissions:
  contents: write`;

/** What a failed fetch or push means for the user. */
export function remoteError(
  access: RemoteAccess,
  doing: 'read' | 'write',
  stderr: string,
): UserError<'no-permission' | 'service-unavailable' | 'bad-config'> {
  const said = redact(stderr, access.secrets);
  const place = `the ledger (git remote ${access.url})`;
  if (/protected|rule violations|GH006|GH013|hook declined|prohibited|deny|not allowed/i.test(said)) {
    return new UserError(
      'no-permission',
      `The server refused to write ${place}: a tag protection, ruleset or hook declined the push. Allow this workflow to create tags of the model (a bypass for the app or token that pushes). git said: ${said}`,
    );
  }
  if (
    /authentication failed|could not read (username|password)|permission to .* denied|error: 40[13]|HTTP 40[13]|permission denied|write access|access denied|insufficient permission|repository.*not found|error: 404|unpacker error|read-only/i.test(
      said,
    )
  ) {
    return new UserError(
      'no-permission',
      `No permission to ${doing} ${place}. Give the job the permission and pass a token that has it:\n${PERMISSIONS}\nA workflow run for a pull request from a fork never gets it. git said: ${said}`,
    );
  }
  if (/does not appear to be a git repository|not a git repository|does not exist/i.test(said)) {
    return new UserError(
      'bad-config',
      `There is no git repository at ${access.url}. Correct the remote: git remote set-url origin <url>. git said: ${said}`,
    );
  }
  return new UserError(
    'service-unavailable',
    `Could not ${doing} ${place}. Check the address and the network, and run the job again. git said: ${said}`,
  );
}

/** Whether the failure may go away by itself. */
export function isTransient(stderr: string): boolean {
  return /could not resolve host|failed to connect|connection (refused|timed out|reset)|early EOF|RPC failed|unexpected disconnect|hung up unexpectedly|error: (429|5\d\d)|timed out|couldn't find remote ref/i.test(
    stderr,
  );
}

function redact(text: string, secrets: readonly string[]): string {
  const safe = secrets.filter((s) => s !== '').reduce((sum, secret) => sum.replaceAll(secret, '***'), text);
  return safe
    .replace(/:\/\/[^/@\s]*@/g, '://***@')
    .trim()
    .split('\n')
    .slice(-8)
    .join(' | ');
}
