import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean, parseVersion } from '@sluice/core/action/names.ts';
import type { INPUTS, Reason } from './definition.ts';
import type { Watching } from '@sluice/core/delivery/not-watched.ts';
import { readWatching } from '@sluice/core/delivery/watching.ts';
import { readStrategy, requireCapable } from '@sluice/core/delivery/strategy.ts';
import type { Strategy } from '@sluice/core/rollout/strategies/kind.ts';
import { readEnvironment, type EnvironmentSettings } from '@sluice/core/delivery/settings.ts';

/** What a deployment is asked to do. */
export interface DeployRequest extends EnvironmentSettings {
  readonly strategy: Strategy;
  /** How the candidate is watched while the strategy lets it bake. */
  readonly watching: Watching;
  /** undefined: the newest registered. */
  readonly version?: string;
  readonly expectedCurrent?: string;
  readonly reason?: string;
  readonly releaseQuarantine: boolean;
  readonly releaseHold: boolean;
  /** Takes the environment also from a rollout that is running. */
  readonly force: boolean;
  /** Goes on with the rollout that is paused in the environment. */
  readonly resume: boolean;
  readonly dryRun: boolean;
}

/** An input that is set wins over sluice.yaml. */
export async function readRequest(context: ActionContext<(typeof INPUTS)[number]>): Promise<DeployRequest> {
  const { inputs } = context;
  const version = parseVersion('version', inputs.version);
  const expectedCurrent = parseVersion('expected-current', inputs['expected-current']);
  const releaseQuarantine = parseBoolean('release-quarantine', inputs['release-quarantine'], false);
  const releaseHold = parseBoolean('release-hold', inputs['release-hold'], false);
  const dryRun = parseBoolean('dry-run', inputs['dry-run'], false);
  const force = parseBoolean('force', inputs.force, false);
  const resume = parseBoolean('resume', inputs.resume, false);
  if (force && resume)
    throw new UserError<Reason>(
      'bad-input',
      "Inputs 'force' and 'resume' are both true: one ends the rollout that is paused, the other goes on with it. Set one of them.",
    );
  const environment = await readEnvironment(context);
  const { strategySection, target } = environment;
  const strategy = readStrategy(inputs.strategy, strategySection, target);
  const watching = await readWatching(context, strategy);
  requireCapable({ name: strategy.name, needs: watching.needs }, target, strategySection.name);
  return {
    ...environment,
    strategy,
    watching,
    ...(version === undefined ? {} : { version }),
    ...(expectedCurrent === undefined ? {} : { expectedCurrent }),
    ...(inputs.reason === undefined ? {} : { reason: inputs.reason }),
    releaseQuarantine,
    releaseHold,
    force,
    resume,
    dryRun,
  };
}
