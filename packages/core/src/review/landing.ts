import type { ActionContext } from '../action/context.ts';
import { errorMessage } from '../action/errors.ts';
import { ForgeRefusal } from '../forge/api.ts';
import { findMergedPull } from '../forge/merged-pull.ts';
import { lookForAcknowledgement, type Acknowledgement } from './acknowledgement.ts';
import { LegComment } from './comment/leg-comment.ts';
import type { ShownNumbers } from './comment/legs.ts';
import type { ForgeCommit } from './publish.ts';

const BRANCH = 'refs/heads/';

/** A pull request whose merge made a commit, or is to make it. */
interface LandingPull {
  readonly number: number;
  readonly branch: string;
  /** Whether a merge queue tries it out. */
  readonly isQueued: boolean;
}

/**
 * Asks whether the failing numbers with this digest were acknowledged on the pull request whose merge made the commit that is
 * judged, or that the merge queue made it for; undefined where there is none. What the forge refuses to say counts as no.
 */
export async function askOnLandingPull(
  { env, log, signal }: ActionContext,
  forge: ForgeCommit,
  label: string,
  digest: string,
): Promise<Acknowledgement | undefined> {
  const { api, commit, model, matrixKey } = forge;
  try {
    const pull = await landingPull(forge, env);
    if (pull === undefined) return undefined;
    const { number, branch, isQueued } = pull;
    log.info(
      isQueued
        ? `The merge group ${commit} is made for pull request ${number}.`
        : `The commit ${commit} is the merge of pull request ${number}.`,
    );
    const landing = { number, headSha: commit, baseRef: branch, fork: false };
    const shown = await new LegComment(api, landing, { model, key: matrixKey, env }).shownNumbers();
    if (shown?.digest !== digest) return { kind: 'refused', why: otherNumbers(pull, shown) };
    const place = { api, number, shown: () => Promise.resolve(shown) };
    return onPull(await lookForAcknowledgement(place, label, digest), number);
  } catch (error) {
    signal.throwIfAborted();
    const why = `Whether the failure was accepted before the merge could not be asked, so it is not: ${errorMessage(error)}.`;
    log.notice(`${why}${error instanceof ForgeRefusal ? REMEDY : ''}`);
    return { kind: 'refused', why };
  }
}

async function landingPull(
  { api, commit, queued }: ForgeCommit,
  { GITHUB_REF: ref = '', GITHUB_REPOSITORY: repository = '' }: Readonly<NodeJS.ProcessEnv>,
): Promise<LandingPull | undefined> {
  if (queued !== undefined) return { ...queued, isQueued: true };
  if (!ref.startsWith(BRANCH)) return undefined;
  const branch = ref.slice(BRANCH.length);
  const number = await findMergedPull(api, { commit, branch, repository });
  return number === undefined ? undefined : { number, branch, isQueued: false };
}

/** What a reader of a run on the branch has to be told beside what holds for an open pull request. */
function onPull(acknowledgement: Acknowledgement, pull: number): Acknowledgement {
  switch (acknowledgement.kind) {
    case 'acknowledged':
      return acknowledgement;
    case 'open':
      return { ...acknowledgement, landingPull: pull };
    case 'refused':
      return { kind: 'refused', why: `On pull request ${pull}: ${acknowledgement.why}` };
  }
}

/** No label can accept these numbers there, because nothing writes them into the comment. */
function otherNumbers({ number, branch, isQueued }: LandingPull, shown: ShownNumbers | undefined): string {
  const shows =
    shown === undefined
      ? 'shows no failing numbers'
      : 'shows other failing numbers: the branch had moved on, or training is not repeatable';
  return isQueued
    ? `The comment on pull request ${number}, which this merge group is made for, ${shows}. So nothing that was accepted there counts here. Bring its branch up to date with ${branch}, accept there what its gate shows, and put it into the queue again.`
    : `The comment on pull request ${number}, whose merge made this commit, ${shows}. So nothing that was accepted there counts here. Revert the merge, or open a pull request from the branch as it is now (an empty commit is enough), accept there what its gate shows, and merge it.`;
}

const REMEDY =
  ' The token must be able to read the pull request; add to the permissions of the job:\n  contents: read\n  pull-requests: read';
