import { UserError } from '@sluice/core/action/errors.ts';
import { LIMITS, readBounded } from '@sluice/core/action/limits.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { checkTable } from '@sluice/core/data/check.ts';
import { compileRules, objectFor } from '@sluice/core/data/contract.ts';
import { measureDrift, type DriftResult, type DriftSide } from '@sluice/core/data/drift.ts';
import { profileSchema, profileTable, type DataProfile, type Profile } from '@sluice/core/data/profile.ts';
import { formatCount, type RuleResult } from '@sluice/core/data/rule-result.ts';
import type { LogicalType } from '@sluice/core/data/rules.ts';
import { structureResults } from '@sluice/core/data/structure.ts';
import { openData, type OpenData, type Table } from '@sluice/core/data/table.ts';
import type { Reason } from './definition.ts';
import type { ContractFile } from './contract-file.ts';
import { shown, type Context } from './context.ts';
import type { DataSet, ValidateSettings } from './inputs.ts';

/** Everything that was found out about the data. */
export interface Findings {
  readonly data: readonly (DataSet & { readonly rows: number })[];
  readonly rules: readonly RuleResult[];
  readonly drift: readonly DriftResult[];
  readonly profile: Profile;
}

/** Reads the data sets, judges them by the contract, profiles them and compares them with the reference. */
export async function examine(
  context: Context,
  settings: ValidateSettings,
  contract: ContractFile | undefined,
  binding: string,
): Promise<Findings> {
  const reference = settings.reference?.kind === 'data' ? settings.reference.files : undefined;
  const requests = [
    ...settings.data,
    ...(reference === undefined ? [] : [{ name: 'reference', ...reference }]),
  ];
  const files = requests.reduce((sum, set) => sum + set.files.length, 0);
  const bytes = requests.reduce((sum, set) => sum + set.bytes, 0);
  context.log.info(`Reading ${files} file(s), ${formatCount(bytes)} bytes …`);
  const opened = await openData(requests, {
    binding,
    format: settings.format,
    temporary: context.env['RUNNER_TEMP'],
  });
  try {
    return await examineTables(context, settings, contract, opened);
  } finally {
    await opened.close();
  }
}

async function examineTables(
  context: Context,
  settings: ValidateSettings,
  contract: ContractFile | undefined,
  opened: OpenData,
): Promise<Findings> {
  const tables = opened.tables.slice(0, settings.data.length);
  for (const table of opened.tables) refuseEmpty(table);
  const profiles: DataProfile[] = [];
  const rules: RuleResult[] = [];
  const drift: DriftResult[] = [];
  const reference = await referenceSides(context, settings, contract, opened);
  for (const [index, table] of tables.entries()) {
    context.signal.throwIfAborted();
    rules.push(
      ...(contract === undefined
        ? structureResults(table, undefined)
        : await checkTable(opened.database, table, contract.contract, { samples: settings.samples })),
    );
    const profile = await profileOf(opened, table, contract, settings.data[index]?.digest ?? '');
    profiles.push(profile);
    const before = reference(table.name);
    if (before === undefined) continue;
    const source = { database: opened.database, table };
    drift.push(...(await measureDrift(before, { profile, source })));
  }
  return {
    data: settings.data.map((set, index) => ({ ...set, rows: tables[index]?.rows ?? 0 })),
    rules,
    drift,
    profile: { 'schema-version': 1, kind: 'sluice-data-profile', data: profiles },
  };
}

function refuseEmpty(table: Table): void {
  if (table.rows + table.bad.length > 0) return;
  throw new UserError<Reason>(
    'no-rows',
    `The data set '${table.name}' has no rows (${table.files.map((file) => file.path).join(', ')}). Nothing can be proven of it; check that the step that writes it succeeded.`,
  );
}

async function profileOf(
  opened: OpenData,
  table: Table,
  contract: ContractFile | undefined,
  digest: string,
): Promise<DataProfile> {
  const index = contract === undefined ? undefined : objectFor(contract.contract, table.name);
  if (contract === undefined || index === undefined) {
    return profileTable(opened.database, table, { digest, types: new Map(), sensitive: new Set() });
  }
  const { rules, sensitive } = compileRules(contract.contract, index);
  const types = new Map<string, LogicalType>();
  for (const rule of rules) {
    if (rule.on === 'values' && rule.check.kind === 'type') types.set(rule.column, rule.check.type);
  }
  return profileTable(opened.database, table, { digest, types, sensitive });
}

/** How to find the reference of a data set: the one of its name in a saved profile, or the only one there is. */
async function referenceSides(
  context: Context,
  settings: ValidateSettings,
  contract: ContractFile | undefined,
  opened: OpenData,
): Promise<(name: string) => DriftSide | undefined> {
  const { reference } = settings;
  if (reference === undefined) return () => undefined;
  if (reference.kind === 'data') {
    const table = opened.tables[settings.data.length] as Table;
    const profile = await profileOf(opened, table, contract, reference.files.digest);
    return () => ({ profile, source: { database: opened.database, table } });
  }
  const name = shown(context, reference.file);
  const source = { name, reason: 'bad-config', limit: LIMITS.records } as const;
  const text = (await readBounded(reference.file, source)).toString('utf8');
  const saved = parseYaml(text, profileSchema, source);
  return (dataSet) => {
    const only = saved.data.length === 1 ? saved.data[0] : undefined;
    const found = saved.data.find((profile) => profile.name === dataSet) ?? only;
    if (found !== undefined) return { profile: found };
    throw new UserError<Reason>(
      'bad-config',
      `The reference profile ${name} has no data set '${dataSet}'; it has: ${saved.data.map((p) => p.name).join(', ')}. Use a profile that was written for these data sets.`,
    );
  };
}
