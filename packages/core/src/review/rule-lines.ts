import * as path from 'node:path';
import { nameWithin } from '../action/paths.ts';
import type { LoadedConfig } from '../config/load.ts';
import { exists } from '../digest/exists.ts';

/** Where the rules of sluice.yaml are written. */
export interface RuleLines {
  /** The file, relative to the root of its repository, with forward slashes. */
  readonly path: string;
  /** 1-based line of each rule, by the settled rule. */
  readonly lineOf: ReadonlyMap<object, number>;
}

/**
 * Finds the lines of the rules that came from the file; undefined without a file. `rules` has the settled rule of each
 * entry of gate.rules.
 */
export async function findRuleLines(
  { file, lineOf }: Pick<LoadedConfig, 'file' | 'lineOf'>,
  rules: readonly object[],
  workspace: string,
): Promise<RuleLines | undefined> {
  if (file === undefined) return undefined;
  const root = await repositoryRoot(path.dirname(file), workspace);
  return {
    path: nameWithin(root, file),
    lineOf: new Map(rules.map((rule, index) => [rule, lineOf(['gate', 'rules', index])])),
  };
}

/** A checkout may lie below the workspace. */
async function repositoryRoot(folder: string, workspace: string): Promise<string> {
  if (folder === workspace || (await exists(path.join(folder, '.git')))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? workspace : repositoryRoot(parent, workspace);
}
