import * as path from 'node:path';
import type { LoadedConfig } from '@sluice/core/config/load.ts';
import { exists } from '@sluice/core/digest/exists.ts';
import type { GateRules } from './rules.ts';

/** Where the rules of sluice.yaml are written. */
export interface RuleLines {
  /** The file, relative to the root of its repository, with forward slashes. */
  readonly path: string;
  /** 1-based line of each rule, by the settled rule. */
  readonly lineOf: ReadonlyMap<object, number>;
}

type Written = NonNullable<NonNullable<LoadedConfig['config']['gate']>['rules']>[number];

/** Finds the lines of the rules that came from the file; undefined without a file. */
export async function findRuleLines(
  { config, file, lineOf }: LoadedConfig,
  rules: GateRules,
  workspace: string,
): Promise<RuleLines | undefined> {
  if (file === undefined) return undefined;
  const lines = new Map<object, number>();
  const left: Record<keyof GateRules, object[]> = {
    metrics: [...rules.metrics],
    cases: [...rules.cases],
    fairness: [...rules.fairness],
    conditions: [...rules.conditions],
  };
  for (const [index, written] of (config.gate?.rules ?? []).entries()) {
    const kind = kindOf(written);
    const rule = kind === undefined ? undefined : left[kind].shift();
    if (rule !== undefined) lines.set(rule, lineOf(['gate', 'rules', index]));
  }
  const root = await repositoryRoot(path.dirname(file), workspace);
  return { path: path.relative(root, file).replaceAll(path.sep, '/'), lineOf: lines };
}

/** Each kind keeps the order of the file. */
function kindOf(written: Written): keyof GateRules | undefined {
  if ('metric' in written) return 'metrics';
  if ('cases' in written) return 'cases';
  if ('fairness' in written) return 'fairness';
  return 'condition' in written ? 'conditions' : undefined;
}

/** A checkout may lie below the workspace. */
async function repositoryRoot(folder: string, workspace: string): Promise<string> {
  if (folder === workspace || (await exists(path.join(folder, '.git')))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? workspace : repositoryRoot(parent, workspace);
}
