import { UserError } from '@sluice/core/action/errors.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import type { Reason } from './definition.ts';
import type { Wanted } from './inputs.ts';

/** Versions that a message lists. */
const MOST = 10;

/** The version that is wanted, by the ledger. Throws UserError `unknown-version` or `nothing-live`. */
export function chooseVersion(state: ModelState, wanted: Wanted): VersionRecord {
  if (wanted.kind === 'version') return registered(state, wanted.version);
  const live = state.environments.get(wanted.environment)?.live;
  if (live !== undefined) return registered(state, live.version);
  throw new UserError<Reason>(
    'nothing-live',
    `No version of ${state.model} is live in ${wanted.environment}, by the ledger. ${elsewhere(state)}`,
    { decision: 'fail' },
  );
}

function registered({ model, versions }: ModelState, version: string): VersionRecord {
  const found = versions.find((record) => record.version === version);
  if (found?.active === true) return found;
  const active = versions.filter((record) => record.active).map((record) => record.version);
  throw new UserError<Reason>(
    'unknown-version',
    `${model} ${found === undefined ? `has no version ${version}` : `${version} was deregistered, so that nobody uses it any more`}. ${active.length === 0 ? 'No version is registered; register one with register-model first' : `Registered: ${active.slice(-MOST).join(', ')}`}.`,
    { decision: 'fail' },
  );
}

/** What can be fetched instead of what is live where nothing is. */
function elsewhere({ environments, versions }: ModelState): string {
  const live = [...environments].flatMap(([name, state]) =>
    state.live === undefined ? [] : [`${name} (${state.live.version})`],
  );
  if (live.length > 0)
    return `Live: ${live.slice(0, MOST).join(', ')}. Set the input 'environment' to one of them.`;
  const newest = versions.findLast((record) => record.active)?.version;
  return newest === undefined
    ? 'No version is registered either; register one with register-model first.'
    : `Deploy a version there, or set the input 'version', such as ${newest}.`;
}
