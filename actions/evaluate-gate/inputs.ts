import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean, parseLines, parseName } from '@sluice/core/action/names.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { loadConfig, type LoadedConfig } from '@sluice/core/config/load.ts';
import { parseAge, parseDuration } from '@sluice/core/schema/duration.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { columnsSchema, type ColumnsConfig } from '@sluice/core/gate/columns.ts';
import type { Config } from '@sluice/core/config/schema.ts';
import { DEFAULT_CERTAINTY } from '@sluice/core/gate/kinds/metric/judge.ts';
import type { Certainty } from '@sluice/core/gate/kinds/metric/regression.ts';
import { classKey } from '@sluice/core/gate/sample.ts';
import type { MaxAge } from '@sluice/core/baseline/age.ts';
import { parseMatrixKey } from '@sluice/core/review/comment/matrix-key.ts';
import type { INPUTS, Reason } from './definition.ts';
import { findRuleLines, type RuleLines } from './rule-lines.ts';
import { readRules, type GateRules } from './rules.ts';
import { parseSource, type BaselineSource } from '@sluice/core/baseline/sources.ts';
import { refuseUntrustedInputs, withoutTraining } from './untrusted.ts';
import { readRegistry, type RegistrySettings } from '@sluice/core/registry/settings.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;

/** A path as it was given: what messages call the setting, the value, and the folder it is relative to. */
export interface GivenPath {
  readonly what: string;
  readonly given: string;
  readonly base: string;
}

export type CommentWhen = 'always' | 'on-change' | 'on-failure' | 'never';

/** Everything that inputs and sluice.yaml say about one run. */
export interface GateSettings {
  /** Whether the candidate's predictions were made by the run of a pull request from a fork. */
  readonly fromFork: boolean;
  readonly model: string;
  /** Absolute folder of sluice.yaml, in which commands run. */
  readonly base: string;
  /** Where a baseline in MLflow is. */
  readonly registry: RegistrySettings;
  readonly rules: GateRules;
  /** Where the rules are written; absent where they come from the input. */
  readonly ruleLines?: RuleLines;
  /** Absolute path of the candidate model; absent when only its numbers are given. */
  readonly modelPath?: string;
  readonly metrics?: GivenPath;
  readonly predictions?: GivenPath;
  readonly evaluate?: string;
  /** File ending of predictions that `evaluate` is asked to write, with the dot. */
  readonly predictionsExtension: string;
  readonly columns: ColumnsConfig;
  readonly certainty: Certainty;
  readonly positiveClass?: string;
  readonly testData?: { readonly what: string; readonly patterns: readonly string[]; readonly base: string };
  readonly baseline: {
    readonly sources: readonly BaselineSource[];
    readonly metrics?: GivenPath;
    readonly predictions?: GivenPath;
    readonly onMissing: 'absolute-only' | 'warn' | 'fail';
    readonly maxAge?: MaxAge;
    /** How long the merge base's own version is waited for; absent: not at all. */
    readonly waitMs?: number;
  };
  /** Models that one test set may judge; absent where nobody counts. */
  readonly budget?: number;
  readonly comment: CommentWhen;
  /** The label that accepts a failure; absent where nobody can. */
  readonly acceptLabel?: string;
  /** Tells this job from the others of its matrix; '' without one. */
  readonly matrixKey: string;
  readonly checkName: string;
  readonly dryRun: boolean;
  readonly duckdbPath?: string;
}

/** Reads inputs and sluice.yaml; an input that is set wins. Throws UserError for what is not allowed. */
export async function readSettings(context: Context, fromFork: boolean): Promise<GateSettings> {
  const { inputs } = context;
  if (fromFork) refuseUntrustedInputs(inputs);
  const file = await loadConfig(context);
  const loaded = fromFork ? { ...file, config: withoutTraining(file.config) } : file;
  const { config, base } = loaded;
  const model = parseName('model', inputs.model ?? config.model);
  const matrixKey = parseMatrixKey(inputs['matrix-key']);
  const pathOf = pathReader(context, loaded);
  const modelPath = pathOf('model-path', 'train.model-path', config.train?.['model-path']);
  const metrics = pathOf('metrics', 'train.metrics', config.train?.metrics);
  const evaluate = inputs.evaluate ?? config.gate?.evaluate;
  const trained = pathOf('predictions', 'train.predictions', config.train?.predictions);
  const predictions = evaluate === undefined || inputs.predictions !== undefined ? trained : undefined;
  const baselineMetrics = pathOf('baseline-metrics', '', undefined);
  const baselinePredictions = pathOf('baseline-predictions', '', undefined);
  const positive = config.gate?.['positive-class'];
  const acknowledge = config.gate?.acknowledge;
  const testData = readTestData(context, loaded);
  const columns =
    inputs.columns === undefined
      ? (config.gate?.columns ?? {})
      : parseYaml(inputs.columns, columnsSchema, { name: "input 'columns'", reason: 'bad-input' });
  const rules = await readRules({
    input: inputs.rules,
    config,
    directory: context.directory,
    base,
    workspace: context.workspace,
    layout: { clustered: columns.cluster !== undefined, repeated: columns.repeat !== undefined },
  });
  const ruleLines =
    inputs.rules === undefined ? await findRuleLines(loaded, rules, context.workspace) : undefined;
  return {
    fromFork,
    model,
    base,
    registry: readRegistry(config.registry, model, context.env),
    rules,
    ...(ruleLines === undefined ? {} : { ruleLines }),
    ...(modelPath === undefined ? {} : { modelPath: await existing(context, modelPath) }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(predictions === undefined ? {} : { predictions }),
    ...(evaluate === undefined ? {} : { evaluate }),
    predictionsExtension: path.extname(trained?.given ?? '') || '.csv',
    columns,
    certainty: {
      confidence: config.gate?.confidence ?? DEFAULT_CERTAINTY.confidence,
      seed: config.gate?.seed ?? DEFAULT_CERTAINTY.seed,
    },
    ...(positive === undefined ? {} : { positiveClass: classKey(positive) }),
    ...(testData === undefined ? {} : { testData }),
    baseline: {
      sources: readSources(inputs.baseline, config),
      ...(baselineMetrics === undefined ? {} : { metrics: baselineMetrics }),
      ...(baselinePredictions === undefined ? {} : { predictions: baselinePredictions }),
      onMissing: config.gate?.['on-missing-baseline'] ?? 'absolute-only',
      ...readTimes(config),
    },
    ...(config.gate?.budget === undefined ? {} : { budget: config.gate.budget.evaluations }),
    comment: readComment(inputs.comment, config),
    ...(acknowledge === false ? {} : { acceptLabel: acknowledge?.label ?? 'sluice:accept' }),
    matrixKey,
    checkName: `${inputs['check-name'] ?? config.gate?.['check-name'] ?? `Sluice: ${model}`}${matrixKey === '' ? '' : ` (${matrixKey})`}`,
    dryRun: parseBoolean('dry-run', inputs['dry-run'], false),
    ...(inputs['duckdb-path'] === undefined ? {} : { duckdbPath: inputs['duckdb-path'] }),
  };
}

type PathInput = 'model-path' | 'metrics' | 'predictions' | 'baseline-metrics' | 'baseline-predictions';

/** Inputs are relative to the working directory, keys of the file to its folder. */
function pathReader(
  { inputs, directory }: Context,
  { base }: LoadedConfig,
): (input: PathInput, key: string, value: string | undefined) => GivenPath | undefined {
  return (input, key, value) => {
    const given = inputs[input];
    if (given !== undefined) return { what: `input '${input}'`, given, base: directory };
    return value === undefined ? undefined : { what: key, given: value, base };
  };
}

async function existing(context: Context, { what, given, base }: GivenPath): Promise<string> {
  return insideWorkspace(context.workspace, base, given, { what, kind: 'any' });
}

function readSources(input: string | undefined, config: Config): BaselineSource[] {
  const champion = parseName('environment', config.gate?.['champion-environment'] ?? 'production');
  const written = parseLines(input) ?? config.gate?.baseline ?? ['champion', 'latest'];
  return (typeof written === 'string' ? [written] : written).map((text) => parseSource(text, champion));
}

function readTimes({ gate }: Config): Pick<GateSettings['baseline'], 'maxAge' | 'waitMs'> {
  const age = gate?.['max-age'];
  const wait = gate?.['wait-for-baseline'];
  return {
    ...(age === undefined ? {} : { maxAge: { text: age, ms: parseAge(age, 'gate.max-age') } }),
    ...(wait === undefined ? {} : { waitMs: parseDuration(wait, 'gate.wait-for-baseline') }),
  };
}

function readTestData(context: Context, { config, base }: LoadedConfig): GateSettings['testData'] {
  const lines = parseLines(context.inputs.data);
  if (lines !== undefined) return { what: "input 'data'", patterns: lines, base: context.directory };
  const written = config.data?.test;
  if (written === undefined) return undefined;
  return { what: 'data.test', patterns: typeof written === 'string' ? [written] : written, base };
}

const COMMENTS: readonly CommentWhen[] = ['always', 'on-change', 'on-failure', 'never'];

function readComment(input: string | undefined, config: Config): CommentWhen {
  if (input === undefined) return config.gate?.comment ?? 'always';
  const found = COMMENTS.find((when) => when === input);
  if (found !== undefined) return found;
  throw new UserError<Reason>('bad-input', `Input 'comment' is '${input}'. Allowed: ${COMMENTS.join(', ')}.`);
}
