import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean, parseVersion } from '@sluice/core/action/names.ts';
import { readEnvironment, type EnvironmentSettings } from '@sluice/core/delivery/settings.ts';
import type { INPUTS, Reason } from './definition.ts';

export type Context = ActionContext<(typeof INPUTS)[number]>;

/** What a rollback is asked to do. */
export interface RollbackRequest extends EnvironmentSettings {
  readonly reason: string;
  /** The version to leave; undefined: what was live when the run was created. */
  readonly from?: string;
  /** undefined: the good one before; null: none. */
  readonly to?: string | null;
  /** Allows `to` to be quarantined, and takes the lock from any rollout. */
  readonly force: boolean;
  /** Keeps other versions out of the environment afterwards. */
  readonly hold: boolean;
  /** Takes the lock also from a rollout that seems to be running. */
  readonly breakLock: boolean;
  readonly expectedCurrent?: string;
  /** Opens an issue about it, or adds to the open one. */
  readonly issue: boolean;
  readonly dryRun: boolean;
}

/** An input that is set wins over sluice.yaml. */
export async function readRequest(context: Context): Promise<RollbackRequest> {
  const { inputs } = context;
  const reason = inputs.reason?.trim() ?? '';
  if (reason === '') {
    throw new UserError<Reason>(
      'bad-input',
      "Input 'reason' is empty. Say why, in a sentence: it stays in the ledger for whoever asks later.",
    );
  }
  const from = parseVersion('from', inputs.from);
  const to = inputs.to === 'none' ? null : parseVersion('to', inputs.to);
  const expectedCurrent = parseVersion('expected-current', inputs['expected-current']);
  return {
    ...(await readEnvironment(context)),
    reason,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    force: parseBoolean('force', inputs.force, false),
    breakLock: parseBoolean('break-lock', inputs['break-lock'], false),
    hold: parseBoolean('hold', inputs.hold, false),
    ...(expectedCurrent === undefined ? {} : { expectedCurrent }),
    issue: parseBoolean('issue', inputs.issue, false),
    dryRun: parseBoolean('dry-run', inputs['dry-run'], false),
  };
}
