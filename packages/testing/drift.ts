import { measureDrift, type DriftResult, type DriftSide } from '@sluice/core/data/drift.ts';
import { profileTable, type DataProfile } from '@sluice/core/data/profile.ts';
import { openData, type OpenData, type Table } from '@sluice/core/data/table.ts';
import { dataFolder, fileSet } from './data.ts';

/** Two CSV files as tables of one database, with their profiles. */
export async function openPair(a: string, b: string): Promise<{ data: OpenData; profiles: DataProfile[] }> {
  const folder = await dataFolder({ 'a.csv': a, 'b.csv': b });
  const sets = await Promise.all(['a', 'b'].map((name) => fileSet(folder, `${name}.csv`)));
  const data = await openData(
    sets.map(({ files }, i) => ({ name: i === 0 ? 'reference' : 'train', files })),
    {},
  );
  const options = { digest: '', types: new Map(), sensitive: new Set<string>() };
  const profiles: DataProfile[] = [];
  for (const table of data.tables) profiles.push(await profileTable(data.database, table, options));
  return { data, profiles };
}

/** Drift from `a` to `b`, two CSV files; without `raw`, only the profile of `a` is at hand. */
export async function drift(a: string, b: string, raw = true): Promise<DriftResult[]> {
  const { data, profiles } = await openPair(a, b);
  const side = (i: number): Required<DriftSide> => ({
    profile: profiles[i] as DataProfile,
    source: { database: data.database, table: data.tables[i] as Table },
  });
  const results = await measureDrift(raw ? side(0) : { profile: side(0).profile }, side(1));
  await data.close();
  return results;
}

export const csv = (header: string, rows: readonly (readonly (string | number)[])[]): string =>
  `${header}\n${rows.map((r) => r.join(',')).join('\n')}\n`;
export const value = (results: DriftResult[], method: string, column = 'x'): number | undefined =>
  results.find((r) => r.method === method && r.column === column)?.value;
