import type { ActionContext } from '../action/context.ts';
import { errorMessage } from '../action/errors.ts';
import { ForgeRefusal } from '../forge/api.ts';
import { findMergedPull } from '../forge/merged-pull.ts';
import { findCheckedOut } from '../ledger/checked-out.ts';
import { lookForAcknowledgement, type Acknowledgement } from './acknowledgement.ts';
import { LegComment } from './comment/leg-comment.ts';
import type { ShownNumbers } from './comment/legs.ts';
import type { ForgeCommit } from './publish.ts';

const BRANCH = 'refs/heads/';

/**
 * Asks whether the failing numbers with this digest were acknowledged on the pull request whose merge made the commit that is
 * judged; undefined where no pull request of this branch did. What the forge refuses to say counts as no.
 */
export async function askAfterMerge(
  context: ActionContext,
  { api, model, matrixKey }: ForgeCommit,
  label: string,
  digest: string,
): Promise<Acknowledgement | undefined> {
  const { env, directory, log, signal } = context;
  const { GITHUB_REF: ref = '', GITHUB_REPOSITORY: repository = '' } = env;
  const commit = await findCheckedOut(directory);
  if (commit === undefined || !ref.startsWith(BRANCH)) return undefined;
  try {
    const branch = ref.slice(BRANCH.length);
    const pull = await findMergedPull(api, { commit, branch, repository });
    if (pull === undefined) return undefined;
    log.info(`The commit ${commit} is the merge of pull request ${pull}.`);
    const merged = { number: pull, headSha: commit, baseRef: branch, fork: false };
    const shown = await new LegComment(api, merged, { model, key: matrixKey, env }).shownNumbers();
    if (shown?.digest !== digest) return { kind: 'refused', why: otherNumbers(pull, shown) };
    const place = { api, number: pull, shown: () => Promise.resolve(shown) };
    return onPull(await lookForAcknowledgement(place, label, digest), pull);
  } catch (error) {
    signal.throwIfAborted();
    const why = `Whether the failure was accepted before the merge could not be asked, so it is not: ${errorMessage(error)}.`;
    log.notice(`${why}${error instanceof ForgeRefusal ? REMEDY : ''}`);
    return { kind: 'refused', why };
  }
}

/** What a reader of a run on the branch has to be told beside what holds for an open pull request. */
function onPull(acknowledgement: Acknowledgement, pull: number): Acknowledgement {
  switch (acknowledgement.kind) {
    case 'acknowledged':
      return acknowledgement;
    case 'open':
      return { ...acknowledgement, mergedPull: pull };
    case 'refused':
      return { kind: 'refused', why: `On pull request ${pull}: ${acknowledgement.why}` };
  }
}

/** No label can accept these numbers there, because nothing writes into the comment after the merge. */
function otherNumbers(pull: number, shown: ShownNumbers | undefined): string {
  const shows =
    shown === undefined
      ? 'shows no failing numbers'
      : 'shows other failing numbers: the branch had moved on, or training is not repeatable';
  return `The comment on pull request ${pull}, whose merge made this commit, ${shows}. So nothing that was accepted there counts here. Revert the merge, or open a pull request from the branch as it is now (an empty commit is enough), accept there what its gate shows, and merge it.`;
}

const REMEDY =
  ' The token must be able to read the pull request; add to the permissions of the job:\n  contents: read\n  pull-requests: read';
