import { isDeepStrictEqual } from 'node:util';
import { UserError } from '@sluice/core/action/errors.ts';
import type { Delivery } from '@sluice/core/delivery/delivery.ts';
import { versionOf } from '@sluice/core/ledger/assignment.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { planOnRecord, readJournal } from '@sluice/core/rollout/journal.ts';
import { begin, reduce, type Intent } from '@sluice/core/rollout/reduce.ts';
import type { Reduced, RolloutState } from '@sluice/core/rollout/state.ts';
import type { Reason } from './definition.ts';
import { trafficOf } from '@sluice/core/rollout/effects.ts';
import { sameShares } from '@sluice/core/serving/shares.ts';
import { describeShares, type Share } from '@sluice/core/serving/target.ts';
import type { DeployRequest } from './inputs.ts';

type Asked = Pick<DeployRequest, 'environment' | 'version'>;

/** The version whose rollout is paused. Throws UserError `nothing-paused`, also where `version` names another one. */
export async function pausedVersion(
  { lock }: Pick<Delivery, 'lock'>,
  state: ModelState,
  { environment, version }: Asked,
): Promise<VersionRecord> {
  const found = await lock.read();
  const rollout = readJournal(found?.content)?.rollout;
  const name = rollout?.phase === 'paused' ? rollout.candidate?.version : undefined;
  const record = name === undefined ? undefined : versionOf(state, name);
  if (record !== undefined && (version === undefined || version === name)) return record;
  throw nothingPaused(environment, name, version);
}

/**
 * The state that a paused rollout goes on from. Its journal may have been written by anybody who may push: what it says of versions
 * is taken from the ledger, and of steps from sluice.yaml; only at which pause it is, and how the target was set up, is its own
 * word. Throws UserError `nothing-paused` where it ended meanwhile or is another one, `bad-config` where the steps were changed, and
 * `drifted` where the traffic is not as the pause left it.
 */
export function goOn(
  paused: RolloutState | undefined,
  intent: Intent,
  intended: readonly Share[],
  environment: string,
): Reduced {
  const { candidate, stable, plan } = intent;
  if (paused === undefined || paused.candidate?.version !== candidate?.version)
    throw nothingPaused(environment, paused?.candidate?.version, candidate?.version);
  const { step, generation, notes } = paused;
  const at = plan.steps[step];
  if (!isDeepStrictEqual(paused.plan.steps, planOnRecord(plan).steps) || at === undefined || !('pause' in at))
    throw new UserError<Reason>(
      'bad-config',
      `The strategy of ${environment} has other steps now than the rollout of ${candidate?.version ?? 'nothing'} began with, so it cannot be gone on with. Bring them back, or end the rollout by the rollback action and deploy again.`,
    );
  if (stable === null || stable.version === candidate?.version)
    throw new UserError<Reason>(
      'bad-config',
      `Nothing but ${candidate?.version ?? 'nothing'} is served in ${environment} any more, so there is nothing that it could share the traffic with or go back to. End the rollout by the rollback action, with 'to' and a version that works, and deploy again.`,
    );
  // No samples either: each step is judged by its own.
  const state: RolloutState = {
    ...begin(intent).state,
    phase: 'paused',
    step,
    generation,
    notes,
    moved: 'yes',
  };
  requireAsLeft(state, intended, environment);
  return reduce(state, { kind: 'continued' });
}

/** A target of another name has its own traffic, and what somebody else set up is not built on. */
function requireAsLeft(state: RolloutState, intended: readonly Share[], environment: string): void {
  const step = state.plan.steps.slice(0, state.step).findLastIndex((one) => 'weight' in one);
  const { shares } = trafficOf({ ...state, step });
  if (sameShares(intended, shares)) return;
  const [is, was] = [intended, shares].map(describeShares);
  throw new UserError<Reason>(
    'drifted',
    `The rollout of ${state.candidate?.version ?? 'nothing'} is paused with ${was ?? ''}, and the target of ${environment} is set to ${is === '' ? 'no version' : (is ?? '')}: somebody else moved the traffic, or this run names another target. Take back what was changed and run this again, or end the rollout by the rollback action and deploy again.`,
    { decision: 'fail' },
  );
}

function nothingPaused(
  environment: string,
  paused: string | undefined,
  asked: string | undefined,
): UserError<Reason> {
  const found = paused === undefined ? 'Nothing is' : `${paused} is`;
  const wanted = asked === undefined ? '' : `, and ${asked} was asked for`;
  return new UserError<Reason>(
    'nothing-paused',
    `'resume: true' goes on with a rollout that is paused. ${found} paused in ${environment}${wanted}. Deploy without 'resume' to begin a rollout.`,
    { decision: 'fail' },
  );
}
