import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean, parseVersion } from '@sluice/core/action/names.ts';
import type { INPUTS, Reason } from './definition.ts';
import { readEnvironment, type EnvironmentSettings } from '@sluice/core/delivery/settings.ts';

export interface Settings extends EnvironmentSettings {
  /** undefined: the newest registered. */
  readonly version?: string;
  readonly expectedCurrent?: string;
  readonly reason?: string;
  readonly releaseQuarantine: boolean;
  readonly releaseHold: boolean;
  readonly dryRun: boolean;
}

/** An input that is set wins over sluice.yaml. */
export async function readSettings(context: ActionContext<(typeof INPUTS)[number]>): Promise<Settings> {
  const { inputs } = context;
  const version = parseVersion('version', inputs.version);
  const expectedCurrent = parseVersion('expected-current', inputs['expected-current']);
  const releaseQuarantine = parseBoolean('release-quarantine', inputs['release-quarantine'], false);
  const releaseHold = parseBoolean('release-hold', inputs['release-hold'], false);
  const dryRun = parseBoolean('dry-run', inputs['dry-run'], false);
  if (inputs.strategy !== undefined && inputs.strategy.trim() !== 'direct') {
    throw new UserError<Reason>(
      'bad-input',
      `Input 'strategy' is '${inputs.strategy}'. Allowed: direct (all traffic at once).`,
    );
  }
  return {
    ...(await readEnvironment(context)),
    ...(version === undefined ? {} : { version }),
    ...(expectedCurrent === undefined ? {} : { expectedCurrent }),
    ...(inputs.reason === undefined ? {} : { reason: inputs.reason }),
    releaseQuarantine,
    releaseHold,
    dryRun,
  };
}
