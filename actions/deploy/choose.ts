import { UserError } from '@sluice/core/action/errors.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import type { Reason } from './definition.ts';
import type { DeployRequest } from './inputs.ts';

/** The version asked for, or the newest that is registered. Throws UserError `unknown-version`. */
export function chooseCandidate(
  state: ModelState,
  { version, model }: Pick<DeployRequest, 'version' | 'model'>,
): VersionRecord {
  const active = state.versions.filter((v) => v.active);
  const chosen = version === undefined ? active.at(-1) : state.versions.find((v) => v.version === version);
  if (chosen !== undefined) return chosen;
  const known = active.map((v) => v.version).slice(-10);
  throw new UserError<Reason>(
    'unknown-version',
    `${version === undefined ? `${model} has no registered version` : `${model} has no version ${version}`}. ${known.length === 0 ? 'Register one with register-model first' : `Registered: ${known.join(', ')}`}.`,
    { decision: 'fail' },
  );
}
