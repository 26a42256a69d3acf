import type { ActionContext } from '@sluice/core/action/context.ts';
import { errorMessage } from '@sluice/core/action/errors.ts';
import { untilCancelled } from '@sluice/core/forge/deadline.ts';
import { openGitHub } from '@sluice/core/forge/github.ts';
import { runCreatedAt } from '@sluice/core/forge/workflow-runs.ts';

/**
 * When this run was created, by the forge's word. Asked of an attempt that is started again alone: an emergency waits for no answer,
 * and what is live was put there since the first attempt seldom otherwise. Undefined where that is not known.
 */
export async function runCreated({ env, inputs, log, signal }: ActionContext): Promise<Date | undefined> {
  const { GITHUB_RUN_ID: id, GITHUB_RUN_ATTEMPT: attempt, GITHUB_SHA: sha, ACT: act } = env;
  if (!id || !sha || Number(attempt) < 2 || attempt === undefined || act === 'true') return undefined;
  try {
    const api = await openGitHub(env, inputs['github-token'] || undefined, untilCancelled(signal));
    return api && (await runCreatedAt(api, Number(id), sha));
  } catch (error) {
    signal.throwIfAborted();
    log.info(
      `When this run was created could not be asked (${errorMessage(error)}). What was live then is told by the numbers of runs alone; permissions: {actions: read} lets it be asked.`,
    );
    return undefined;
  }
}
