import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean, parseLines } from '@sluice/core/action/names.ts';
import { readModelName } from '@sluice/core/action/subject.ts';
import { insideWorkspace, isInside, nameWithin, type GivenPath } from '@sluice/core/action/paths.ts';
import { splitCommand } from '@sluice/core/action/command-line.ts';
import { parseDuration } from '@sluice/core/schema/duration.ts';
import { loadConfig, type LoadedConfig } from '@sluice/core/config/load.ts';
import { factsOf } from '@sluice/core/project/facts.ts';
import type { ProjectFiles } from '@sluice/core/project/given.ts';
import { namedPipeline, type Pipeline } from '@sluice/core/project/pipeline.ts';
import { resolveData, resolveParams, type Facts } from '@sluice/core/project/resolve.ts';
import { settleFile } from '@sluice/core/project/settle.ts';
import { checkGate } from './check-gate.ts';
import type { INPUTS, Reason } from './definition.ts';

export type TrainContext = ActionContext<(typeof INPUTS)[number]>;

/** Files named by paths and globs, not looked at yet. */
export type FileRequest = Omit<ProjectFiles, 'source'> & {
  /** Whether a team that has no such files leaves the setting out. */
  readonly isOptional?: boolean;
};

/** A file or folder that the command writes. */
export interface OutputPath {
  readonly absolute: string;
  /** Relative to the project's folder, with `/`. */
  readonly name: string;
  readonly what: string;
}

export interface TrainSettings {
  readonly model: string;
  readonly command: { readonly argv: readonly string[]; readonly cwd: string; readonly place: string };
  /** Absent when `command` is one of the team's own. */
  readonly pipeline?: Pipeline;
  /** Absolute folder of the project: that of sluice.yaml. */
  readonly base: string;
  readonly files: {
    readonly sources?: FileRequest;
    readonly data?: FileRequest;
    readonly params?: FileRequest;
    readonly environment?: FileRequest;
  };
  /** Whether somebody says what the command is trained on; test data alone does not. */
  readonly namesTrainingData: boolean;
  readonly outputs: Outputs;
  readonly cache: boolean;
  readonly timeoutMs: number;
}

export interface Outputs {
  readonly model: OutputPath;
  readonly metrics?: OutputPath;
  readonly predictions?: OutputPath;
  /** What else belongs to a training; may hold the three above. */
  readonly others: readonly OutputPath[];
}

/** The outputs that are configured. */
export function outputPaths({ model, metrics, predictions, others }: Outputs): OutputPath[] {
  return [model, metrics, predictions, ...others].filter((output) => output !== undefined);
}

const DEFAULT_TIMEOUT = '6h';
/** The folder below which every step writes. */
const HANDOVER = '.sluice';
/** The command that reproduces a pipeline, to run in the folder of dvc.yaml. */
const REPRODUCE = ['dvc', 'repro', 'dvc.yaml'];
type Section = NonNullable<LoadedConfig['config']['train']>;

/** An input that is set wins over sluice.yaml. */
export async function readSettings(context: TrainContext): Promise<TrainSettings> {
  const loaded = await loadConfig(context);
  const { config, base } = loaded;
  await checkGate(context, loaded);
  const section = config.train ?? {};
  const pipeline = await namedPipeline(context, loaded);
  const { inputs } = context;
  const facts = factsOf(context, loaded, pipeline);
  const sources = listOf(context, loaded, 'sources');
  const params = paramsOf(facts, context.log);
  const environment = listOf(context, loaded, 'environment-files');
  const data = dataOf(facts, inputs.data);
  return {
    model: readModelName(inputs.model ?? config.model),
    command: pipeline
      ? { argv: REPRODUCE, cwd: pipeline.folder, place: pipeline.place }
      : commandOf(context, section, base),
    ...(pipeline && { pipeline }),
    base,
    files: {
      ...(sources && { sources }),
      ...(data && { data }),
      ...(params && { params }),
      ...(environment && { environment }),
    },
    namesTrainingData: inputs.data !== undefined || config.data?.train !== undefined,
    outputs: await outputsOf(context, loaded, facts),
    cache: parseBoolean('cache', inputs.cache, section.cache ?? true),
    timeoutMs: timeoutOf(context, section),
  };
}

function commandOf(context: TrainContext, section: Section, base: string): TrainSettings['command'] {
  const given = context.inputs.run;
  const text = given ?? section.run;
  if (text === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      "No training command is given. Set the input 'run' or train.run in sluice.yaml, such as 'python train.py'; or 'pipeline' or train.pipeline, to reproduce a dvc.yaml.",
    );
  }
  const place = given === undefined ? 'train.run' : "input 'run'";
  return {
    argv: splitCommand(text, {}, undefined, place),
    cwd: given === undefined ? base : context.directory,
    place,
  };
}

function timeoutOf(context: TrainContext, section: Section): number {
  const where = context.inputs.timeout === undefined ? 'train.timeout' : "input 'timeout'";
  return parseDuration(context.inputs.timeout ?? section.timeout ?? DEFAULT_TIMEOUT, where);
}

function listOf(
  context: TrainContext,
  { config, base }: LoadedConfig,
  key: 'sources' | 'environment-files' | 'outputs',
): FileRequest | undefined {
  const given = parseLines(context.inputs[key]);
  if (given !== undefined) {
    return { patterns: given, base: context.directory, what: `input '${key}'`, isOptional: true };
  }
  const written = config.train?.[key];
  return written === undefined
    ? undefined
    : { patterns: [written].flat(), base, what: `train.${key}`, isOptional: true };
}

function paramsOf(facts: Facts, log: TrainContext['log']): FileRequest | undefined {
  const params = resolveParams(facts);
  if (params?.source === 'dvc.yaml') {
    log.info(`params is not set: ${params.patterns.join(', ')}, from ${facts.declared?.name ?? 'dvc.yaml'}.`);
  }
  return params && { ...params, isOptional: params.source !== 'dvc.yaml' };
}

/** What a pipeline starts from is in dvc.lock, so dvc.yaml names no data here. */
function dataOf(facts: Facts, input: string | undefined): FileRequest | undefined {
  const lines = parseLines(input);
  const sets = resolveData(
    { ...facts, declared: undefined },
    ['train', 'test'],
    lines && new Map([['data', lines]]),
  );
  if (sets.kind !== 'found') return undefined;
  return {
    patterns: sets.value.flatMap(({ patterns }) => patterns),
    base: lines === undefined ? facts.base : facts.directory,
    what: lines === undefined ? 'data.train or data.test' : "input 'data'",
  };
}

async function outputsOf(context: TrainContext, loaded: LoadedConfig, facts: Facts): Promise<Outputs> {
  const outputOf = async (key: 'model-path' | 'metrics' | 'predictions'): Promise<OutputPath | undefined> => {
    const found = settleFile(facts, key, context.log, key === 'model-path');
    return found && outputAt(context, facts.base, found);
  };
  const [model, metrics, predictions] = [
    await outputOf('model-path'),
    await outputOf('metrics'),
    await outputOf('predictions'),
  ];
  if (model === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      facts.declared === undefined
        ? "No model path is given. Set the input 'model-path' or train.model-path in sluice.yaml to what the command writes."
        : `No model path is given, and ${facts.declared.name} has no artifact of the type 'model'. Set the input 'model-path' or train.model-path in sluice.yaml, or add 'artifacts: {<name>: {path: <model>, type: model}}' to ${facts.declared.name}.`,
    );
  }
  const named = listOf(context, loaded, 'outputs');
  const others = (named?.patterns ?? []).map((given) =>
    outputAt(context, facts.base, { what: named?.what ?? '', given, base: named?.base ?? facts.base }),
  );
  const outputs = {
    model,
    ...(metrics && { metrics }),
    ...(predictions && { predictions }),
    others: await Promise.all(others),
  };
  const taken = new Map<string, string>();
  for (const output of outputPaths(outputs)) {
    const other = taken.get(output.absolute);
    if (other !== undefined) {
      throw new UserError<Reason>(
        'bad-input',
        `${other} and ${output.what} are both '${output.name}'. Give each its own path.`,
      );
    }
    taken.set(output.absolute, output.what);
  }
  return outputs;
}

async function outputAt(
  context: TrainContext,
  base: string,
  { what, given, base: from }: GivenPath,
): Promise<OutputPath> {
  const absolute = await insideWorkspace(context.workspace, from, given, { what, kind: 'absent' });
  if (isInside(base, absolute) || isInside(context.directory, absolute)) {
    throw new UserError<Reason>(
      'bad-input',
      `${what} is '${given}', which is the project's own folder or one around it. What was there is replaced by each run; use a path below it, such as out/model.`,
    );
  }
  const handover = path.join(context.directory, HANDOVER);
  if (isInside(absolute, handover)) {
    throw new UserError<Reason>(
      'bad-input',
      `${what} is '${given}', but ${HANDOVER} is where the steps keep what they hand on. Use another folder, such as out/.`,
    );
  }
  return { absolute, name: nameWithin(base, absolute), what };
}
