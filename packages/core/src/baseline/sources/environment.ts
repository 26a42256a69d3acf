import { parseName } from '../../action/names.ts';
import type { ModelState } from '../../ledger/state.ts';
import { activeVersions, inLedger, type InLedger, type SourceKind } from './source.ts';

/** What is live in the environment of the champion. */
export const champion: SourceKind = {
  find: (_, search) => inLedger(search, (state) => liveIn(state, search.championEnvironment)),
};

/** What is live in an environment. */
export const deployed: SourceKind = {
  argument: 'environment',
  check: (environment) => void parseName('environment', environment),
  find: (environment, search) => inLedger(search, (state) => liveIn(state, environment)),
};

function liveIn(state: ModelState, environment: string): InLedger {
  const live = state.environments.get(environment)?.live;
  if (live === undefined) {
    return { why: `nothing is live in ${environment}`, isUsual: state.environments.size === 0 };
  }
  const record = activeVersions(state).find(({ version }) => version === live.version);
  return record === undefined
    ? {
        why: `${live.version} is live in ${environment} but not registered by register-model, so nothing says which bytes it is`,
      }
    : { record };
}
