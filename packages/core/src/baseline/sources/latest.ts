import { activeVersions, inLedger, type SourceKind } from './source.ts';

/** The version that was registered last. */
export const latest: SourceKind = {
  find: (_, search) =>
    inLedger(search, (state) => activeVersions(state).at(-1) ?? `no version of ${state.model} is registered`),
};
