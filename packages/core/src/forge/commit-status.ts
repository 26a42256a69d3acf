import * as z from 'zod/mini';
import { withRetries, type ForgeApi } from './api.ts';
import { cut, type CommitMark, type Ending, type MarkRequest } from './mark.ts';

/** GitHub's limit; Gitea and Forgejo have none, but show one line as well. */
const DESCRIPTION_LIMIT = 140;

/** A status has no word for a warning: it does not block, and its description says what deserves a look. */
const STATES = {
  pass: 'success',
  warn: 'success',
  fail: 'failure',
  error: 'error',
  cancelled: 'error',
} as const satisfies Record<Ending, string>;

type State = 'pending' | (typeof STATES)[Ending];

/**
 * Shows a commit status, pending until it is completed: what forges and tokens without check runs have. Of several
 * statuses with one name the last counts, so a lost answer is simply sent again. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function startStatus(api: ForgeApi, request: MarkRequest): Promise<CommitMark> {
  const { name, headSha, detailsUrl } = request;
  const show = async (state: State, description: string): Promise<void> => {
    await withRetries(api, () =>
      api.request(
        'POST /repos/{owner}/{repo}/statuses/{sha}',
        {
          sha: headSha,
          state,
          context: name,
          description: cut(description, DESCRIPTION_LIMIT),
          ...(detailsUrl === undefined ? {} : { target_url: detailsUrl }),
        },
        z.object({ id: z.number() }),
      ),
    );
  };
  await show('pending', 'Running');
  return {
    complete: ({ ending, title }) =>
      show(STATES[ending], ending === 'warn' ? `Passed with a warning: ${title}` : title),
  };
}
