import { tooOld } from './age.ts';
import type { FoundBaseline } from './found.ts';
import type { BaselineSettings } from './settings.ts';
import type { SourceSearch } from './sources/source.ts';

/** Takes the first source that has a baseline. Throws when the ledger is there but cannot be read. */
export async function findBaseline(
  settings: BaselineSettings,
  circumstances: Pick<SourceSearch, 'context' | 'readLedger' | 'pull'>,
): Promise<FoundBaseline> {
  const { sources, metrics, predictions, maxAge, championEnvironment, waitMs } = settings;
  if (metrics !== undefined || predictions !== undefined) return { kind: 'given', source: 'baseline files' };
  const search = { ...circumstances, championEnvironment, waitMs };
  const skipped: string[] = [];
  for (const { text, find } of sources) {
    const found = await find(search);
    if (typeof found === 'string') {
      skipped.push(`${text}: ${found}`);
      continue;
    }
    const why = found.kind === 'version' ? tooOld(found.record, maxAge, Date.now()) : undefined;
    if (why === undefined) return { ...found, source: text, skipped };
    skipped.push(`${text}: ${why}`);
  }
  return { kind: 'none', tried: skipped };
}
