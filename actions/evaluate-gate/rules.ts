import { readFile } from 'node:fs/promises';
import { parseLines } from '@sluice/core/action/names.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { rulesSchema } from '@sluice/core/gate/section.ts';
import type { Config } from '@sluice/core/config/schema.ts';
import type { AnyRule } from '@sluice/core/gate/kinds/index.ts';
import type { RuleSurroundings } from '@sluice/core/gate/kinds/kind.ts';
import { settleRules } from '@sluice/core/gate/settle.ts';
import type { Layout } from '@sluice/core/gate/statistics/choice.ts';

interface RulesRequest {
  /** The input `rules`, which replaces those of the file. */
  readonly input: string | undefined;
  readonly config: Config;
  /** Absolute folders: files named in the input, or in sluice.yaml, are relative to them. */
  readonly directory: string;
  readonly base: string;
  readonly workspace: string;
  readonly layout: Layout;
}

/** Settles the rules, in the order in which they are written. Throws UserError for what is not allowed. */
export async function readRules(request: RulesRequest): Promise<AnyRule[]> {
  const { input, config, directory, base, workspace, layout } = request;
  const written =
    input === undefined
      ? (config.gate?.rules ?? [])
      : parseYaml(input, rulesSchema, { name: "input 'rules'", reason: 'bad-input' });
  const folder = input === undefined ? base : directory;
  const readLines: RuleSurroundings['readLines'] = async (given, what) => {
    const file = await insideWorkspace(workspace, folder, given, { what, kind: 'file' });
    return parseLines(await readFile(file, 'utf8')) ?? [];
  };
  return settleRules(written, { layout, readLines });
}
