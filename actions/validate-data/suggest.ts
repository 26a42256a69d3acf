import { writeBelow } from '@sluice/core/action/below.ts';
import type { Profile } from '@sluice/core/data/profile.ts';
import type { LogicalType } from '@sluice/core/data/rules.ts';
import * as path from 'node:path';
import { stringify } from 'yaml';

/** At most this many different texts become a list of valid values. */
const FEW_VALUES = 20;

/** A contract inferred from data, for review. */
export interface SuggestedContract {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** Writes a contract inferred from profiles for review. */
export async function suggestContract(directory: string, profile: Profile): Promise<SuggestedContract> {
  const file = path.join(directory, '.sluice', 'suggested-contract.odcs.yaml');
  const text = contractFor(profile);
  await writeBelow(directory, file, text);
  return { file, text };
}

/** The text of a contract that this data fulfils. It describes this data, not what should be. */
export function contractFor(profile: Profile): string {
  const contract = {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: 'suggested',
    version: '0.1.0',
    status: 'draft',
    schema: profile.data.map((set) => ({
      name: set.name,
      properties: set.columns.filter(hasName).map((c) => property(c, set.rows)),
    })),
  };
  const nameless = profile.data.filter(({ columns }) => !columns.every(hasName)).map(({ name }) => name);
  return HEAD + nameless.map(namelessNote).join('') + stringify(contract, { lineWidth: 110 });
}

const HEAD =
  '# Inferred from the data as it is. Read every line: what the data happens to be is not always what it must be.\n';

function hasName({ name }: Column): boolean {
  return name !== '';
}

function namelessNote(set: string): string {
  return `# ${JSON.stringify(set)} has a column without a name, which is left out here. pandas writes its index so; to_csv(…, index=False) does not.\n`;
}

type Column = Profile['data'][number]['columns'][number];

function property(column: Column, rows: number): Record<string, unknown> {
  const base = { name: column.name, ...(column.missing === 0 && rows > 0 ? { required: true } : {}) };
  if (column.type === 'empty') return base;
  if (column.type === 'number') {
    return {
      ...base,
      logicalType: column.whole ? 'integer' : 'number',
      logicalTypeOptions: { minimum: column.min, maximum: column.max },
    };
  }
  const logicalType = typeOf(column['stored-as'] ?? 'VARCHAR');
  if (logicalType !== 'string') return { ...base, ...(logicalType === undefined ? {} : { logicalType }) };
  const counts = Object.entries(column.values ?? {});
  // A text that occurs once is rather somebody's name than one of a few kinds.
  const areKinds = counts.length > 0 && counts.length <= FEW_VALUES && counts.every(([, count]) => count > 1);
  if (!areKinds) return { ...base, logicalType };
  const values = counts.map(([value]) => value).sort();
  const quality = [{ metric: 'invalidValues', arguments: { validValues: values }, mustBe: 0 }];
  return { ...base, logicalType, quality };
}

/** ODCS's name of a Parquet type that is no number; undefined for types that are left open. */
function typeOf(stored: string): LogicalType | undefined {
  if (stored === 'VARCHAR') return 'string';
  if (stored === 'BOOLEAN') return 'boolean';
  if (stored === 'DATE') return 'date';
  if (stored.startsWith('TIMESTAMP')) return 'timestamp';
  return stored.startsWith('TIME') ? 'time' : undefined;
}
