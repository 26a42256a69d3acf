import type { ActionContext } from '../../action/context.ts';
import { errorMessage } from '../../action/errors.ts';
import { pause } from '../../action/retry.ts';
import { ForgeRefusal, type ForgeApi } from '../../forge/api.ts';
import { untilCancelled } from '../../forge/deadline.ts';
import { openGitHub } from '../../forge/github.ts';
import { activeRuns, type ActiveRun } from '../../forge/workflow-runs.ts';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;

/** What to do about a commit that has no version yet. */
export type NextStep =
  | { readonly kind: 'pause'; readonly ms: number }
  /** Look at the ledger a last time: nobody is left who could write to it. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'give-up'; readonly run: ActiveRun };

/**
 * Whether to wait on. Pauses grow by half from 2 s to 30 s, and never reach beyond the time there is.
 */
export function nextStep(
  active: readonly ActiveRun[],
  { elapsedMs, waitMs, pauses }: { elapsedMs: number; waitMs: number; pauses: number },
): NextStep {
  const [newest] = active;
  if (newest === undefined) return { kind: 'ended' };
  const left = waitMs - elapsedMs;
  if (left <= 0) return { kind: 'give-up', run: newest };
  return {
    kind: 'pause',
    ms: Math.min(left, LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 1.5 ** Math.min(pauses, 20)),
  };
}

/** What waiting came to: what `look` found, or why there is nothing; a run that never was gives no reason. */
export type Waited<T> = { readonly found: T } | { readonly why?: string };

interface WaitRequest<T> {
  readonly context: ActionContext;
  /** The commit whose runs may still register something. */
  readonly commit: string;
  readonly waitMs: number;
  /** Looks for what is waited for. */
  readonly look: () => Promise<T | undefined>;
}

/**
 * Waits while runs of a commit, other than this one, have not ended and `look` finds nothing, for `waitMs` at most.
 * Where the runs cannot be listed it says so in one notice and does not wait. Throws when the job is cancelled.
 */
export async function waitForRuns<T>({ context, commit, waitMs, look }: WaitRequest<T>): Promise<Waited<T>> {
  const short = commit.slice(0, 7);
  const { env, inputs, log, signal } = context;
  const api = await openGitHub(env, inputs['github-token'], untilCancelled(signal));
  const start = performance.now();
  for (let pauses = 0; ; pauses++) {
    const active = await otherRuns(api, context, commit);
    if (active === undefined) return {};
    const step = nextStep(active, { elapsedMs: performance.now() - start, waitMs, pauses });
    if (step.kind === 'pause') {
      const seconds = Math.ceil(step.ms / 1000);
      log.info(
        `No version is registered at ${short} yet; ${active[0]?.address} has not ended. Waiting ${seconds} s.`,
      );
      await pause(step.ms, signal);
    }
    const found = await look();
    if (found !== undefined) return { found };
    if (step.kind === 'ended') {
      return pauses === 0 ? {} : { why: `the runs of ${short} ended without registering a version` };
    }
    if (step.kind === 'give-up') {
      return {
        why: `after waiting ${Math.round(waitMs / 1000)} s the run ${step.run.address} of ${short} has not ended`,
      };
    }
  }
}

/** Undefined, with a notice, where they cannot be listed. */
async function otherRuns(
  api: ForgeApi | undefined,
  { env, log, signal }: ActionContext,
  commit: string,
): Promise<readonly ActiveRun[] | undefined> {
  const say = (why: string): undefined => {
    log.notice(`gate.wait-for-baseline: ${why} The gate goes on without waiting.`);
  };
  if (api === undefined) return say('There is no token or no repository name to list workflow runs with.');
  try {
    const runs = await activeRuns(api, commit);
    return runs.filter(({ id }) => String(id) !== env['GITHUB_RUN_ID']);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ForgeRefusal && [403, 404].includes(error.status)) {
      return say(
        `The token may not list workflow runs (${error.status}). Add to the job:\npermissions:\n  actions: read\n  contents: read\nAs soon as one permission is written, all others are none; keep those that the job has.\n`,
      );
    }
    return say(`Workflow runs cannot be listed: ${errorMessage(error)}.`);
  }
}
