import type { ModelState } from '../../ledger/state.ts';
import { activeVersions, inLedger, type SourceKind } from './source.ts';

/** The version that was registered last. */
export const latest: SourceKind = {
  find: (_, search) =>
    inLedger(search, (state) => {
      const record = activeVersions(state).at(-1);
      return record === undefined ? { why: nothing(state) } : { record };
    }),
};

function nothing({ model, versions }: ModelState): string {
  const other = versions.findLast(({ active }) => active);
  return other === undefined
    ? `no version of ${model} is registered`
    : `${other.version} was registered by another tool, whose tag names no bytes; register-model has registered none`;
}
