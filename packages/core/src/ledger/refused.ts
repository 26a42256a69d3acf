import { UserError } from '../action/errors.ts';
import type { RemoteAccess } from './remote.ts';

const PERMISSIONS = `permissions:
  contents: write`;

/** Tag protection of GitHub (GH006, GH013), GitLab and Gitea, and hooks of any server. */
const PROTECTED = /\bGH0(06|13)\b|rule violations|\bprotected\b|hook declined|prohibited|not allowed to/i;
/** What GitHub says where a push brings changed workflows. */
const WORKFLOWS = /refusing to allow .* workflow .* without `?workflows?`? (?:permission|scope)/i;
const FORBIDDEN =
  /authentication failed|could not read (username|password)|permission to \S+ denied|permission denied|(error|HTTP):? 40[134]|access (denied|to repository not granted)|write access|insufficient permission|repository .*not found|refusing to allow|read-only/i;
const ABSENT = /does not appear to be a git repository|not a git repository|does not exist/i;

/** What a failed fetch or push means for the user. */
export function remoteError(access: RemoteAccess, doing: 'read' | 'write', stderr: string): UserError {
  const said = `git said: ${redact(stderr, access.secrets)}`;
  const place = `the ledger (git remote ${access.url})`;
  if (WORKFLOWS.test(said)) {
    return new UserError(
      'no-permission',
      `GitHub refused to write ${place}: the commit of the tag has other files in .github/workflows than the branches that it knows, and the token of a job may never bring those, whatever its permissions are. Push the commit to a branch first, as whoever changed the workflow, and register from there. Where that does not go, check out with a key or token that may: \`ssh-key\` of actions/checkout, or a token of an app with the permission \`workflows\` as its \`token\` and as 'github-token' of this step. ${said}`,
    );
  }
  if (PROTECTED.test(said)) {
    return new UserError(
      'no-permission',
      `The server refused to write ${place}: a tag protection, ruleset or hook declined the push. Allow the app or token that pushes to create tags of the model. ${said}`,
    );
  }
  if (FORBIDDEN.test(said)) {
    return new UserError(
      'no-permission',
      `No permission to ${doing} ${place}. Give the job the permission and pass a token that has it:\n${PERMISSIONS}\nA workflow run for a pull request from a fork never gets it. ${said}`,
    );
  }
  if (ABSENT.test(said)) {
    return new UserError(
      'bad-config',
      `There is no git repository at ${access.url}. Correct the remote: git remote set-url origin <url>. ${said}`,
    );
  }
  return new UserError(
    'service-unavailable',
    `Could not ${doing} ${place}. Check the address and the network, and run the job again. ${said}`,
  );
}

/** Whether the failure may go away by itself. */
export function isTransient(stderr: string): boolean {
  return /could not resolve host|failed to connect|connection (refused|timed out|reset)|early EOF|RPC failed|unexpected disconnect|hung up unexpectedly|error: (429|5\d\d)|timed out|couldn't find remote ref/i.test(
    stderr,
  );
}

/** What git said, its last lines, without secrets. */
export function redacted(access: RemoteAccess, stderr: string): string {
  return redact(stderr, access.secrets);
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
