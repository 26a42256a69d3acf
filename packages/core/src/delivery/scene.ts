import { CancelledError, errorMessage } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import { listed, retry } from '../action/retry.ts';
import { environmentOf } from '../ledger/assignment.ts';
import { refusal, withTrailers, type Plan, type Refusal } from '../ledger/plan.ts';
import { UnansweredPushError } from '../ledger/repository.ts';
import type { ModelState } from '../ledger/state.ts';
import type { Lease } from '../rollout/lease.ts';
import { performer } from '../rollout/perform.ts';
import { EffectError, type Perform } from '../rollout/run.ts';
import type { KnownVersion } from '../rollout/state.ts';
import type { Check } from '../serving/checks.ts';
import { NOT_WATCHED, type Watching } from './not-watched.ts';
import { knownVersion, releaseOf, type Delivery } from './delivery.ts';
import { recordedGolden } from './recorded-golden.ts';
import { takenOver } from './taken-over.ts';

/** The ledger's change for the version that is served, made when that is verified. */
export type PlanFor<Reason extends Refusal> = (
  version: KnownVersion | null,
) => (state: ModelState) => Plan<Reason>;

interface Scene {
  readonly perform: Perform;
  /** What was verified so far. */
  readonly checks: readonly Check[];
  /** The ledger as it is known by now. */
  readonly ledger: () => ModelState;
}

interface SceneStep<Reason extends Refusal> {
  readonly log: Pick<Log, 'info' | 'warning'>;
  readonly plan: PlanFor<Reason>;
  readonly watching?: Watching;
}

/** What the effects of a rollout work on in this environment. */
export function sceneOf<Reason extends Refusal>(
  delivery: Delivery,
  lease: Lease,
  before: ModelState,
  { log, plan, watching = NOT_WATCHED }: SceneStep<Reason>,
): Scene {
  const { target, settings, ledger } = delivery;
  const checks: Check[] = [];
  let state = before;
  const perform = performer({
    target,
    lease,
    verification: settings.verification,
    release: ({ version }) => releaseOf(delivery, recordOf(state, version)),
    recordedGolden: ({ version }) => {
      const record = recordOf(state, version);
      return recordedGolden(delivery.store(record), settings.model, record);
    },
    ...watching,
    report: (found) => void checks.push(...found),
    retire: (keep) => retire(delivery, keep, log),
    async commit(version) {
      const { plan: done, state: after } = await lease.spend(async (leased) => {
        const wish = plan(version);
        const result = await ledger.write(
          settings.model,
          (now) => withTrailers(wish(now), takenOver(lease)),
          leased,
        );
        return { gone: result.plan.kind === 'write', result };
      });
      state = after;
      return recorded(done, after, settings.environment, version?.version);
    },
    async isRecorded(version) {
      state = await readAgain(delivery);
      return environmentOf(state, settings.environment).live?.version === version?.version;
    },
  });
  return { perform, checks, ledger: () => state };
}

function recordOf(state: ModelState, version: string): ModelState['versions'][number] {
  const record = state.versions.find((v) => v.version === version);
  if (record === undefined) throw new Error(`${version} is to be staged, and the ledger does not have it`);
  return record;
}

function recorded<Reason extends Refusal>(
  done: Plan<Reason>,
  state: ModelState,
  environment: string,
  version: string | undefined,
): string {
  const what = version ?? 'nothing';
  switch (done.kind) {
    case 'write':
      return `The ledger says so: ${done.tags.map((tag) => tag.name).join(', ')}.`;
    case 'nothing':
      return `The ledger said already that ${what} is live.`;
    case 'refused': {
      const { live, quarantined } = environmentOf(state, environment);
      // Somebody wrote the same wish by other means; going back would serve what the ledger has left.
      if (live?.version === version)
        return `The ledger says so: somebody else wrote meanwhile that ${what} is live.`;
      const instead =
        done.reason === 'superseded' && live !== undefined && !quarantined.has(live.version)
          ? { instead: knownVersion(state, live.version) }
          : {};
      throw new EffectError(refusal(done), instead);
    }
  }
}

/** Waits between the tries to read a ledger whose answer to a push got lost. */
const AGAIN_MS = [1_000, 3_000, 6_000];

/** Throws UnansweredPushError when the ledger cannot be read. */
async function readAgain({ ledger, settings }: Delivery): Promise<ModelState> {
  const waits = listed(AGAIN_MS, (error) => (error instanceof CancelledError ? undefined : {}));
  try {
    return await retry(() => ledger.read(settings.model), { waits });
  } catch (error) {
    throw new UnansweredPushError(error);
  }
}

/** Old releases that stay on disk are a nuisance, not a failed rollout. */
export async function retire(
  { target }: Delivery,
  keep: readonly string[],
  log: Pick<Log, 'info' | 'warning'>,
): Promise<void> {
  try {
    const removed = await target.retire(keep);
    if (removed.length > 0) log.info(`Removed old releases from disk: ${removed.join(', ')}.`);
  } catch (error) {
    log.warning(`Old releases could not be removed: ${errorMessage(error)}`);
  }
}
