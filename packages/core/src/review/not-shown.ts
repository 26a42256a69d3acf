import { errorMessage } from '../action/errors.ts';
import { ForgeRefusal } from '../forge/api.ts';
import type { Instead } from '../forge/start-mark.ts';

/** What was tried, and where. */
export interface Attempt {
  /** As in "may not …", such as `write the comment`. */
  readonly what: string;
  /** GITHUB_SERVER_URL. */
  readonly server: string | undefined;
  /** Whether the pull request comes from another repository. */
  readonly fork: boolean;
  /** Why a commit status is written and no check run, where that is so. */
  readonly instead: Instead | undefined;
  /** Whether the step was cancelled meanwhile. */
  readonly cancelled: boolean;
}

const SAME = 'The verdict is the same; it is in the job summary.';

/** Says why the verdict is shown as a commit status. */
export function whyInstead(instead: Instead, name: string): string {
  switch (instead.kind) {
    case 'no-check-runs':
      return `This server (version ${instead.version}) has no check runs, so the verdict is the commit status '${name}', without annotations; the report is in the comment and in the job summary.`;
    case 'personal-token':
      return `The token belongs to a person, and check runs are written by apps alone, so the verdict is the commit status '${name}'. For a check run, remove the input 'github-token': the job's own token can write one.`;
  }
}

/** Says why something is not shown on the forge, and what would change that. */
export function whyNotShown(error: unknown, attempt: Attempt): string {
  const { what, fork } = attempt;
  const host = hostOf(attempt.server);
  if (!(error instanceof ForgeRefusal) && attempt.cancelled) {
    return `The step was cancelled, and ${host} did not answer in time, so it could not ${what}.`;
  }
  if (!(error instanceof ForgeRefusal)) {
    return `${host} could not ${what}: ${sentence(errorMessage(error))} ${SAME}`;
  }
  if (error.status === 401) {
    return `${host} does not accept the token, so the step could not ${what}. ${SAME} Remove the input 'github-token' to use the job's own token, or renew it.`;
  }
  if (error.status !== 403 && error.status !== 404) {
    return `${host} refused to ${what}: ${sentence(error.message)} ${SAME}`;
  }
  if (fork) {
    return `The token may not ${what}, because this pull request comes from a fork and its token may only read. ${SAME} Nothing needs to be changed.`;
  }
  return `The token may not ${what} (${error.status}). ${SAME} ${remedy(attempt.instead)}`;
}

function remedy(instead: Instead | undefined): string {
  switch (instead?.kind) {
    case 'personal-token':
      return "Give the token the permissions 'Commit statuses' and 'Pull requests' (read and write), or the scopes repo:status and public_repo or repo; or remove the input 'github-token'.";
    case 'no-check-runs':
      return `To see it on the pull request, add to the job:\npermissions:\n  contents: write\n  issues: write\n  pull-requests: write`;
    case undefined:
      return `To see it on the pull request, add to the job:\npermissions:\n  contents: read\n  checks: write\n  pull-requests: write`;
  }
}

function hostOf(server: string | undefined): string {
  return server !== undefined && URL.canParse(server) ? new URL(server).host : 'The forge';
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
