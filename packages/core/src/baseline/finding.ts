import { tooOld } from './age.ts';
import type { FoundBaseline } from './found.ts';
import type { BaselineSettings } from './settings.ts';
import type { SourceSearch } from './sources/source.ts';

/** What sources may look at, beside the settings. */
export type Surroundings = Omit<SourceSearch, 'championEnvironment' | 'waitMs'>;

/** Takes the first source that has a baseline. Throws when the ledger is there but cannot be read. */
export async function findBaseline(
  settings: BaselineSettings,
  surroundings: Surroundings,
): Promise<FoundBaseline> {
  const { sources, metrics, predictions, maxAge, championEnvironment, waitMs } = settings;
  if (metrics !== undefined || predictions !== undefined) return { kind: 'given', source: 'baseline files' };
  const search = { ...surroundings, championEnvironment, waitMs };
  const tried: { readonly why: string; readonly isUsual?: boolean; readonly never?: string }[] = [];
  for (const { text, find } of sources) {
    const found = await find(search);
    if (found.kind === 'nothing') {
      tried.push({ ...found, why: `${text}: ${found.why}` });
      continue;
    }
    const why = found.kind === 'version' ? tooOld(found.record, maxAge, Date.now()) : undefined;
    if (why === undefined) {
      const skipped = tried.filter(({ isUsual }) => isUsual !== true);
      return { ...found, source: text, skipped: skipped.map((one) => one.why) };
    }
    tried.push({ why: `${text}: ${why}` });
  }
  const reasons = tried.map(({ never }) => never);
  return {
    kind: 'none',
    tried: tried.map(({ why }) => why),
    ...(reasons.includes(undefined) ? {} : { never: [...new Set(reasons)].join(' ') }),
  };
}
