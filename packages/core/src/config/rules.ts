import { LIMITS, readBounded } from '../action/limits.ts';
import { parseLines } from '../action/names.ts';
import { insideWorkspace } from '../action/paths.ts';
import { parseYaml } from '../schema/parse.ts';
import { rulesSchema } from '../gate/section.ts';
import type { Config } from './schema.ts';
import type { AnyRule } from '../gate/kinds/index.ts';
import type { RuleSurroundings } from '../gate/kinds/kind.ts';
import { settleRules } from '../gate/settle.ts';
import type { ColumnsConfig } from '../gate/columns.ts';

interface RulesRequest {
  /** The input `rules`, which replaces those of the file. */
  readonly input: string | undefined;
  readonly config: Config;
  /** Absolute folders: files named in the input, or in sluice.yaml, are relative to them. */
  readonly directory: string;
  readonly base: string;
  readonly workspace: string;
  readonly columns: ColumnsConfig;
}

/** Settles the rules, in the order in which they are written. Throws UserError for what is not allowed. */
export async function readRules(request: RulesRequest): Promise<AnyRule[]> {
  const { input, config, directory, base, workspace, columns } = request;
  const written =
    input === undefined
      ? (config.gate?.rules ?? [])
      : parseYaml(input, rulesSchema, { name: "input 'rules'", reason: 'bad-input' });
  const folder = input === undefined ? base : directory;
  const readLines: RuleSurroundings['readLines'] = async (given, what) => {
    const file = await insideWorkspace(workspace, folder, given, { what, kind: 'file' });
    const name = `${what} (${given})`;
    const bytes = await readBounded(file, { name, reason: 'bad-config', limit: LIMITS.settings });
    return parseLines(bytes.toString('utf8')) ?? [];
  };
  const layout = { clustered: columns.cluster !== undefined, repeated: columns.repeat !== undefined };
  return settleRules(written, { layout, readLines });
}
