import { readFile } from 'node:fs/promises';
import type * as z from 'zod/mini';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseLines } from '@sluice/core/action/names.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { rulesSchema } from '@sluice/core/gate/section.ts';
import type { Config } from '@sluice/core/config/schema.ts';
import type { CasesRule } from '@sluice/core/gate/kinds/cases/settle.ts';
import { settleCondition, type ConditionRule } from '@sluice/core/gate/kinds/condition/settle.ts';
import { settleFairness, type FairnessRule } from '@sluice/core/gate/kinds/fairness/settle.ts';
import { uniqueIds } from '@sluice/core/gate/rule-ids.ts';
import { settleRules, type Rule } from '@sluice/core/gate/kinds/metric/settle.ts';
import type { Layout } from '@sluice/core/gate/statistics/choice.ts';
import type { Reason } from './definition.ts';

/** What the candidate must fulfil; at least one rule of any kind. */
export interface GateRules {
  readonly metrics: readonly Rule[];
  readonly cases: readonly CasesRule[];
  readonly fairness: readonly FairnessRule[];
  readonly conditions: readonly ConditionRule[];
}

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

type WrittenRule = z.infer<typeof rulesSchema>[number];
type WrittenCases = Extract<WrittenRule, { cases: unknown }>;

/** Settles the rules and reads the files that they name. Throws UserError for what is not allowed. */
export async function readRules(request: RulesRequest): Promise<GateRules> {
  const { input, config, layout } = request;
  const written =
    input === undefined
      ? (config.gate?.rules ?? [])
      : parseYaml(input, rulesSchema, { name: "input 'rules'", reason: 'bad-input' });
  const ids = new Map(uniqueIds(written.map(nameOf)).map((id, i) => [written[i], id]));
  const idOf = (rule: WrittenRule): string => ids.get(rule) as string;
  const metrics = written.filter((rule) => 'metric' in rule);
  const cases: CasesRule[] = [];
  for (const rule of written.filter((one) => 'cases' in one)) {
    cases.push({ id: idOf(rule), cases: await readCases(rule, request), severity: rule.severity ?? 'fail' });
  }
  const fairness = written
    .filter((rule) => 'fairness' in rule)
    .map((rule) => settleFairness(rule, idOf(rule)));
  const conditions = written
    .filter((rule) => 'condition' in rule)
    .map((rule) => settleCondition(rule, idOf(rule), layout));
  const onlyOthers = metrics.length === 0 && cases.length + fairness.length + conditions.length > 0;
  // Without a rule of any kind settleRules says so.
  const settled = onlyOthers ? [] : settleRules(metrics, layout, metrics.map(idOf));
  return { metrics: settled, cases, fairness, conditions };
}

function nameOf(rule: WrittenRule): string {
  if (rule.name !== undefined) return rule.name;
  if ('metric' in rule) return rule.metric;
  if ('cases' in rule) return 'cases';
  return 'fairness' in rule ? rule.fairness : 'condition';
}

async function readCases({ cases }: WrittenCases, request: RulesRequest): Promise<string[]> {
  if (typeof cases !== 'string') return [...new Set(cases.map(String))];
  const { input, directory, base, workspace } = request;
  const folder = input === undefined ? base : directory;
  const file = await insideWorkspace(workspace, folder, cases, { what: 'cases of a rule', kind: 'file' });
  const ids = new Set(parseLines(await readFile(file, 'utf8')));
  if (ids.size > 0) return [...ids];
  throw new UserError<Reason>(
    'bad-config',
    `The file of cases ${cases} names none, so nothing would be checked. Write one id a line.`,
  );
}
