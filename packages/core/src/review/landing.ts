import type { ActionContext } from '../action/context.ts';
import { errorMessage } from '../action/errors.ts';
import { ForgeRefusal } from '../forge/api.ts';
import type { QueuedPull } from '../forge/event.ts';
import { findMergedPull } from '../forge/merged-pull.ts';
import { lookForAcknowledgement, type Acknowledgement } from './acknowledgement.ts';
import { LegComment } from './comment/leg-comment.ts';
import type { ShownNumbers } from './comment/legs.ts';
import { findEarlierPulls } from './merge-group.ts';
import type { ForgeCommit } from './publish.ts';

const BRANCH = 'refs/heads/';

/** A pull request whose merge made a commit, or is to make it. */
interface LandingPull {
  readonly number: number;
  readonly branch: string;
  /** Where a merge queue tries it out. */
  readonly queued?: QueuedPull;
}

/**
 * Asks whether the failing numbers with this digest were acknowledged on the pull request whose merge made the commit that is
 * judged, or that the merge queue made it for; undefined where there is none. What the forge refuses to say counts as no.
 */
export async function askOnLandingPull(
  context: ActionContext,
  forge: ForgeCommit,
  label: string,
  digest: string,
): Promise<Acknowledgement | undefined> {
  const { env, log, signal } = context;
  const { commit } = forge;
  try {
    const pull = await landingPull(forge, env);
    if (pull === undefined) return undefined;
    const { number, queued } = pull;
    log.info(
      queued === undefined
        ? `The commit ${commit} is the merge of pull request ${number}.`
        : `The merge group ${commit} is made for pull request ${number}.`,
    );
    const wanted = { label, digest, env };
    const own = await askOn(forge, pull, wanted);
    if (queued === undefined || own.kind === 'acknowledged') return own;
    for (const earlier of await findEarlierPulls(context, queued)) {
      log.info(`The merge group has pull request ${earlier} too, which is before it in the queue.`);
      const found = await askOn(forge, { ...pull, number: earlier }, wanted);
      if (found.kind === 'acknowledged') return found;
    }
    return own;
  } catch (error) {
    signal.throwIfAborted();
    const why = `Whether the failure was accepted before the merge could not be asked, so it is not: ${errorMessage(error)}.`;
    log.notice(`${why}${error instanceof ForgeRefusal ? REMEDY : ''}`);
    return { kind: 'refused', why };
  }
}

/** Whether the failing numbers were acknowledged on one pull request. Throws ForgeRefusal or ForgeUnavailable. */
async function askOn(
  { api, commit, model, matrixKey }: ForgeCommit,
  pull: LandingPull,
  {
    label,
    digest,
    env,
  }: { readonly label: string; readonly digest: string; readonly env: ActionContext['env'] },
): Promise<Acknowledgement> {
  const { number, branch } = pull;
  const landing = { number, headSha: commit, baseRef: branch, fork: false };
  const shown = await new LegComment(api, landing, { model, key: matrixKey, env }).shownNumbers();
  if (shown?.digest !== digest) return { kind: 'refused', why: otherNumbers(pull, shown) };
  const place = { api, number, shown: () => Promise.resolve(shown) };
  return onPull(await lookForAcknowledgement(place, label, digest), number);
}

async function landingPull(
  { api, commit, queued }: ForgeCommit,
  { GITHUB_REF: ref = '', GITHUB_REPOSITORY: repository = '' }: Readonly<NodeJS.ProcessEnv>,
): Promise<LandingPull | undefined> {
  if (queued !== undefined) return { number: queued.number, branch: queued.branch, queued };
  if (!ref.startsWith(BRANCH)) return undefined;
  const branch = ref.slice(BRANCH.length);
  const number = await findMergedPull(api, { commit, branch, repository });
  return number === undefined ? undefined : { number, branch };
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
function otherNumbers({ number, branch, queued }: LandingPull, shown: ShownNumbers | undefined): string {
  const shows =
    shown === undefined
      ? 'shows no failing numbers'
      : 'shows other failing numbers: the branch had moved on, or training is not repeatable';
  return queued !== undefined
    ? `The comment on pull request ${number}, which this merge group is made for, ${shows}. So nothing that was accepted there counts here. Bring its branch up to date with ${branch}, accept there what its gate shows, and put it into the queue again.`
    : `The comment on pull request ${number}, whose merge made this commit, ${shows}. So nothing that was accepted there counts here. Revert the merge, or open a pull request from the branch as it is now (an empty commit is enough), accept there what its gate shows, and merge it.`;
}

const REMEDY =
  ' The token must be able to read the pull request; add to the permissions of the job:\n  contents: read\n  pull-requests: read';
