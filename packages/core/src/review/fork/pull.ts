import type { ActionContext } from '../../action/context.ts';
import { UserError, errorMessage } from '../../action/errors.ts';
import { ForgeRefusal } from '../../forge/api.ts';
import { untilCancelled } from '../../forge/deadline.ts';
import type { PullRequest } from '../../forge/event.ts';
import { readForkRun } from '../../forge/fork-run.ts';
import { openGitHub } from '../../forge/github.ts';
import { findPull, type FoundPull, type PullHead } from '../../forge/pull-requests.ts';
import { findCheckedOut } from '../../ledger/checked-out.ts';

const PERMISSIONS =
  'permissions:\n  actions: read\n  checks: write\n  contents: read\n  pull-requests: write';

/**
 * The pull request from a fork whose predictions a `workflow_run` is to judge; undefined for every other run. It is looked
 * up by what the event says about the fork's branch, never by what the fork's run left. Throws UserError where the branch
 * has no open pull request any more, or where the checkout is not the repository's own.
 */
export async function forkPull(context: ActionContext): Promise<PullRequest | undefined> {
  const run = await readForkRun(context.env);
  if (run === undefined) return undefined;
  if (run.kind === 'unknown') {
    throw new UserError(
      'no-pull-request',
      'This run was started by another one (workflow_run), but the event does not name the branch of a pull request that still exists: its repository was deleted, or the run was not about a pull request. Start fork-report.yml for pull_request runs only.',
    );
  }
  await refuseForeignCheckout(context);
  const found = await lookUp(context, run.head);
  if (found === undefined) {
    throw new UserError(
      'no-pull-request',
      `No open pull request has ${run.head.sha} of the fork's branch as its head any more, so there is nothing to judge. The run about its newer commit judges that one.`,
    );
  }
  context.log.info(`Pull request ${found.number} from a fork, head ${run.head.sha}, into ${found.baseRef}.`);
  return { number: found.number, headSha: run.head.sha, baseRef: found.baseRef, fork: false };
}

/** Rules, code and baseline come from the checkout: one of the fork's would judge itself, with a token that may write. */
async function refuseForeignCheckout({ directory, env }: ActionContext): Promise<void> {
  const head = await findCheckedOut(directory);
  const own = env['GITHUB_SHA'];
  if (head === undefined || !own || head === own) return;
  throw new UserError(
    'bad-input',
    `The commit ${head} is checked out, but a run about a fork's pull request judges with the rules and the code of its own commit, ${own}. Remove 'ref' and 'repository' from actions/checkout; never check out a fork's code in a workflow_run.`,
  );
}

async function lookUp(
  { env, inputs, signal }: ActionContext,
  head: PullHead,
): Promise<FoundPull | undefined> {
  const api = await openGitHub(env, inputs['github-token'], untilCancelled(signal));
  if (api === undefined) {
    throw new UserError(
      'bad-input',
      "Without a token the pull request of the fork's run cannot be looked up. Leave the input 'github-token' at its default.",
    );
  }
  try {
    return await findPull(api, head);
  } catch (error) {
    if (error instanceof ForgeRefusal && [401, 403, 404].includes(error.status)) {
      throw new UserError(
        'no-permission',
        `The token may not list pull requests (${error.status}). Add to the job:\n${PERMISSIONS}`,
        { cause: error },
      );
    }
    throw new UserError(
      'service-unavailable',
      `The pull request cannot be looked up: ${errorMessage(error)}.`,
    );
  }
}
