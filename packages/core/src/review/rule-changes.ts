import * as path from 'node:path';
import parseArgsStringToArgv from 'string-argv';
import type { Config } from '../config/schema.ts';
import { changedRules, changedSettings, type ChangedRule } from '../gate/changed-rules.ts';
import { kindOf, rowOf } from '../gate/kinds/index.ts';
import type { WrittenRule } from '../gate/kinds/schemas.ts';
import { pinMatcher, testSetMatcher } from '../gate/test-set-files.ts';
import { uniqueIds } from '../gate/rule-ids.ts';

/** Inputs that take the place of a setting of sluice.yaml, and of which. */
export const REPLACED_BY_INPUT = {
  model: 'model',
  data: 'data.test',
  metrics: 'train.metrics',
  predictions: 'train.predictions',
  baseline: 'gate.baseline',
  evaluate: 'gate.evaluate',
  columns: 'gate.columns',
  'check-name': 'gate.check-name',
  rules: 'gate.rules',
} as const;

/** A change of these shows the same verdict elsewhere, or later. */
const HARMLESS = new Set(['rules', 'comment', 'wait-for-baseline']);

/**
 * What one sluice.yaml has otherwise than another, of what decides about a model. What an input says instead of the file
 * is left out: it is the workflow's.
 */
export function configChanges(before: Config, after: Config, inputs: ReadonlySet<string>): ChangedRule[] {
  const replaced = new Set(
    Object.entries(REPLACED_BY_INPUT).flatMap(([input, setting]) => (inputs.has(input) ? [setting] : [])),
  );
  const settings = (config: Config): Record<string, unknown> =>
    Object.fromEntries(Object.entries(settingsOf(config)).filter(([name]) => !replaced.has(name as never)));
  const rules = replaced.has('gate.rules') ? [] : changedRules(rulesOf(before), rulesOf(after));
  return [...rules, ...changedSettings(settings(before), settings(after))];
}

function settingsOf({ model, data, train, gate = {} }: Config): Record<string, unknown> {
  return {
    model,
    'data.test': data?.test,
    'train.metrics': train?.metrics,
    'train.predictions': train?.predictions,
    ...Object.fromEntries(
      Object.entries(gate)
        .filter(([key]) => !HARMLESS.has(key))
        .map(([key, value]) => [`gate.${key}`, value]),
    ),
  };
}

function rulesOf({ gate }: Config): Map<string, WrittenRule> {
  const rules = gate?.rules ?? [];
  const ids = uniqueIds(rules.map((rule) => rule.name ?? rowOf(kindOf(rule)).nameOf(rule)));
  return new Map(rules.map((rule, i) => [ids[i] as string, rule]));
}

/** Files that judge, relative to the top of the repository unless said otherwise. */
export interface JudgingFiles {
  /** Folder of sluice.yaml, which the others are relative to; '' for the top. */
  readonly base: string;
  readonly testData: readonly string[];
  /** The command of gate.evaluate. */
  readonly evaluate: string | undefined;
  readonly rules: readonly WrittenRule[];
  /** The workflow that runs, relative to the top. */
  readonly workflow: string | undefined;
}

/** Which of the files that a pull request changes take part in judging it. */
export function fileChanges(changed: readonly string[], files: JudgingFiles): ChangedRule[] {
  const roles = rolesOf(files);
  return changed.flatMap((of): ChangedRule[] => {
    const role = roles.find(({ matches }) => matches(of));
    return role === undefined ? [] : [{ kind: 'file', of, setting: role.name, before: null, after: null }];
  });
}

interface Role {
  readonly name: string;
  readonly matches: (file: string) => boolean;
}

function rolesOf({ base, testData, evaluate, rules, workflow }: JudgingFiles): Role[] {
  const at = (given: string): string => path.posix.normalize(path.posix.join(base, given));
  const lists = rules.flatMap((rule) =>
    'cases' in rule && typeof rule.cases === 'string' ? [rule.cases] : [],
  );
  const words = evaluate === undefined ? [] : parseArgsStringToArgv(evaluate).map(at);
  return [
    { name: 'the test set', matches: testSetMatcher(base, testData) },
    { name: 'pins the test set', matches: pinMatcher(base, testData) },
    { name: 'cases of a rule', matches: (file) => lists.map(at).includes(file) },
    { name: 'what gate.evaluate runs', matches: (file) => words.includes(file) },
    { name: 'the workflow, which gives the inputs', matches: (file) => file === workflow },
  ];
}
