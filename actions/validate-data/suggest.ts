import { writeBelow } from '@sluice/core/action/below.ts';
import type { Profile } from '@sluice/core/data/profile.ts';
import type { LogicalType } from '@sluice/core/data/rules.ts';
import * as path from 'node:path';
import { stringify } from 'yaml';

/** At most this many different texts become a list of valid values. */
const FEW_VALUES = 20;

/** Writes a contract inferred from profiles for review and returns its path. It describes this data, not what should be. */
export async function suggestContract(directory: string, profile: Profile): Promise<string> {
  const file = path.join(directory, '.sluice', 'suggested-contract.odcs.yaml');
  const contract = {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: 'suggested',
    version: '0.1.0',
    status: 'draft',
    schema: profile.data.map((set) => ({
      name: set.name,
      properties: set.columns.map((c) => property(c, set.rows)),
    })),
  };
  const head =
    '# Inferred from the data as it is. Read every line: what the data happens to be is not always what it must be.\n';
  await writeBelow(directory, file, head + stringify(contract, { lineWidth: 110 }));
  return file;
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
  const values = Object.keys(column.values ?? {}).sort();
  if (values.length === 0 || values.length > FEW_VALUES) return { ...base, logicalType };
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
