import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError, isUserError } from '@sluice/core/action/errors.ts';
import { parseLines } from '@sluice/core/action/names.ts';
import { readModelName } from '@sluice/core/action/subject.ts';
import { insideWorkspace, type GivenPath } from '@sluice/core/action/paths.ts';
import { readBaselineSettings, type BaselineSettings } from '@sluice/core/baseline/settings.ts';
import { loadConfig, type LoadedConfig } from '@sluice/core/config/load.ts';
import { readRules } from '@sluice/core/config/rules.ts';
import type { Config } from '@sluice/core/config/schema.ts';
import { columnsSchema } from '@sluice/core/gate/columns.ts';
import { isAfterMerge } from '@sluice/core/forge/event.ts';
import { CARRY } from '@sluice/core/evidence/carry.ts';
import type { AnyRule } from '@sluice/core/gate/kinds/index.ts';
import { DEFAULT_CERTAINTY, type Certainty } from '@sluice/core/gate/certainty.ts';
import { classKey } from '@sluice/core/gate/sample.ts';
import type { CandidateSettings } from '@sluice/core/measuring/candidate.ts';
import type { ReaderSettings } from '@sluice/core/measuring/predictions-reader.ts';
import { factsOf } from '@sluice/core/project/facts.ts';
import type { ProjectFiles } from '@sluice/core/project/given.ts';
import { pipelineOf, type Pipeline } from '@sluice/core/project/pipeline.ts';
import { resolveData, type Facts } from '@sluice/core/project/resolve.ts';
import { settleFile } from '@sluice/core/project/settle.ts';
import { lockedTestSet, type LockedTestSet } from '@sluice/core/project/test-set.ts';
import type { RegistrySettings } from '@sluice/core/registry/registry.ts';
import { readRegistry } from '@sluice/core/registry/settings.ts';
import { refuseUntrustedInputs } from '@sluice/core/review/fork/inputs.ts';
import { findRuleLines, type RuleLines } from '@sluice/core/review/rule-lines.ts';
import { readReviewSettings, type ReviewSettings } from '@sluice/core/review/settings.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import type { INPUTS, Reason } from './definition.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;

/** Everything that inputs and sluice.yaml say about one run. */
export interface GateSettings extends CandidateSettings, ReaderSettings, ReviewSettings {
  /** Absolute folder of sluice.yaml, in which commands run. */
  readonly base: string;
  /** sluice.yaml as it is here. */
  readonly written: Pick<LoadedConfig, 'config' | 'file'>;
  /** Where a baseline in MLflow is. */
  readonly registry: RegistrySettings;
  /** In the order in which they are written; at least one. */
  readonly rules: readonly AnyRule[];
  /** Where the rules are written; absent where they come from the input. */
  readonly ruleLines?: RuleLines;
  readonly certainty: Certainty;
  readonly testData?: ProjectFiles;
  /** What models are trained on here; absent for a fork's, which was trained elsewhere. */
  readonly trainData?: ProjectFiles;
  /** The test set that the numbers of a pipeline were measured on; absent where its files are named. */
  readonly lockedTestSet?: LockedTestSet;
  readonly baseline: BaselineSettings;
  /** Models that one test set may judge; absent where nobody counts. */
  readonly budget?: number;
}

/** Reads inputs and sluice.yaml; an input that is set wins. Throws UserError for what is not allowed. */
export async function readSettings(context: Context, fromFork: boolean): Promise<GateSettings> {
  const { inputs } = context;
  if (fromFork) refuseUntrustedInputs(inputs);
  const file = await loadConfig(context);
  const loaded = fromFork ? { ...file, config: withoutTraining(file.config) } : file;
  const { config, base } = loaded;
  const model = readModelName(inputs.model ?? config.model);
  // What a pipeline here would make is not what the fork made.
  const pipeline = fromFork ? undefined : await pipelineOf(context, loaded);
  const facts = factsOf(context, loaded, pipeline);
  const evaluate = inputs.evaluate ?? config.gate?.evaluate;
  const modelPath = settleFile(facts, 'model-path', context.log, evaluate !== undefined);
  const trained = settleFile(facts, 'predictions', context.log, false);
  const metrics = settleFile(facts, 'metrics', context.log, evaluate === undefined && trained === undefined);
  const predictions = evaluate === undefined || inputs.predictions !== undefined ? trained : undefined;
  const baselineMetrics = baselineFile(context, 'baseline-metrics');
  const baselinePredictions = baselineFile(context, 'baseline-predictions');
  const positive = config.gate?.['positive-class'];
  const testData = testDataOf(facts, inputs.data);
  const trainData = fromFork ? undefined : filesOf(facts, 'train', undefined);
  const locked =
    pipeline && evaluate === undefined && testData === undefined
      ? await testSetOf(pipeline, { modelPath, metrics, predictions }, context.log)
      : undefined;
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
    columns,
  });
  const ruleLines =
    inputs.rules === undefined ? await findRuleLines(loaded, rules, context.workspace) : undefined;
  return {
    ...readReviewSettings(inputs, config.gate, model),
    fromFork,
    base,
    written: file,
    registry: readRegistry(config.registry, model, context.env),
    rules,
    ...(ruleLines === undefined ? {} : { ruleLines }),
    ...(modelPath === undefined ? {} : { modelPath: await existing(context, modelPath) }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(predictions === undefined ? {} : { predictions }),
    ...(evaluate === undefined
      ? {}
      : {
          evaluation: {
            command: evaluate,
            cwd: base,
            extension: path.extname(trained?.given ?? '') || '.csv',
          },
        }),
    columns,
    certainty: {
      confidence: config.gate?.confidence ?? DEFAULT_CERTAINTY.confidence,
      seed: config.gate?.seed ?? DEFAULT_CERTAINTY.seed,
    },
    ...(positive === undefined ? {} : { positiveClass: classKey(positive) }),
    ...(testData === undefined ? {} : { testData }),
    ...(trainData === undefined ? {} : { trainData }),
    ...(locked === undefined ? {} : { lockedTestSet: locked }),
    baseline: readBaselineSettings(config.gate, {
      sources: inputs.baseline,
      files: {
        ...(baselineMetrics === undefined ? {} : { metrics: baselineMetrics }),
        ...(baselinePredictions === undefined ? {} : { predictions: baselinePredictions }),
      },
      isMerged: isAfterMerge(context.env),
    }),
    ...(config.gate?.budget === undefined ? {} : { budget: config.gate.budget.evaluations }),
    ...(inputs['duckdb-path'] === undefined ? {} : { duckdbPath: inputs['duckdb-path'] }),
  };
}

function baselineFile(
  { inputs, directory }: Context,
  input: 'baseline-metrics' | 'baseline-predictions',
): GivenPath | undefined {
  const given = inputs[input];
  return given === undefined ? undefined : { what: `input '${input}'`, given, base: directory };
}

async function existing(context: Context, { what, given, base }: GivenPath): Promise<string> {
  try {
    return await insideWorkspace(context.workspace, base, given, { what, kind: 'any' });
  } catch (error) {
    if (!isUserError(error) || error.reasonCode !== 'missing-file') throw error;
    throw new UserError<Reason>('missing-file', `${error.message} ${CARRY}`, { cause: error });
  }
}

/** Which test set the numbers of a pipeline are about is in dvc.lock, and not what the pipeline starts from. */
function testDataOf(facts: Facts, input: string | undefined): ProjectFiles | undefined {
  const lines = parseLines(input);
  return filesOf(facts, 'test', lines && new Map([['data', lines]]));
}

function filesOf(
  facts: Facts,
  set: 'train' | 'test',
  input: ReadonlyMap<string, readonly string[]> | undefined,
): ProjectFiles | undefined {
  const sets = resolveData({ ...facts, declared: undefined }, [set], input);
  return sets.kind === 'found' ? sets.value[0] : undefined;
}

/** What the stage measured on that wrote the numbers. */
async function testSetOf(
  pipeline: Pipeline,
  { modelPath, metrics, predictions }: Record<'modelPath' | 'metrics' | 'predictions', GivenPath | undefined>,
  log: Context['log'],
): Promise<LockedTestSet | undefined> {
  const at = ({ base, given }: GivenPath): string => path.resolve(base, given);
  const numbers = [metrics, predictions].flatMap((file) => (file === undefined ? [] : [at(file)]));
  const found = await lockedTestSet(pipeline, numbers, modelPath && at(modelPath));
  if (found === undefined) return undefined;
  if ('problem' in found) {
    log.info(`The test set is not known. ${found.problem}`);
    return undefined;
  }
  log.info(`The test set is not set: ${found.name}, which the stage ${found.stage} of dvc.lock measured on.`);
  return found;
}

/** The file without what a training leaves: there was none in this checkout. */
function withoutTraining({ train: _, ...config }: Config): Config {
  return config;
}
