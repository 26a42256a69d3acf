import { UserError } from '@sluice/core/action/errors.ts';
import { isIdentified, type ModelState, type VersionRecord } from '@sluice/core/ledger/state.ts';
import type { Reason } from './definition.ts';
import type { DeployRequest } from './inputs.ts';

/** The version asked for, or the newest whose tag says which bytes it is. Throws UserError `unknown-version`. */
export function chooseCandidate(
  state: ModelState,
  { version, model }: Pick<DeployRequest, 'version' | 'model'>,
): VersionRecord {
  const active = state.versions.filter((v) => v.active);
  const chosen =
    version === undefined
      ? (active.findLast(isIdentified) ?? active.at(-1))
      : state.versions.find((v) => v.version === version);
  if (chosen !== undefined) return chosen;
  const known = active.map((v) => v.version).slice(-10);
  throw new UserError<Reason>(
    'unknown-version',
    `${version === undefined ? `${model} has no registered version` : `${model} has no version ${version}`}. ${known.length === 0 ? 'Register one with register-model first' : `Registered: ${known.join(', ')}`}.`,
    { decision: 'fail' },
  );
}

/** Says which newer versions a default passed over, because another tool registered them; undefined when there are none. */
export function passedOver({ versions }: ModelState, chosen: VersionRecord): string | undefined {
  const newer = versions.slice(versions.indexOf(chosen) + 1).filter(({ active }) => active);
  if (newer.length === 0) return undefined;
  return `Passed over, because another tool registered ${newer.length === 1 ? 'it' : 'them'} and nothing says which bytes ${newer.length === 1 ? 'it is' : 'they are'}: ${newer.map(({ tag }) => tag).join(', ')}.`;
}
