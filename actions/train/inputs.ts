import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean, parseLines, parseName } from '@sluice/core/action/names.ts';
import { insideWorkspace, isInside } from '@sluice/core/action/paths.ts';
import { splitCommand } from '@sluice/core/action/command-line.ts';
import { parseDuration } from '@sluice/core/schema/duration.ts';
import { loadConfig, type LoadedConfig } from '@sluice/core/config/load.ts';
import type { INPUTS, Reason } from './definition.ts';
import { REPRODUCE, pipelineDefaults, pipelineOf, type Pipeline, type PipelineDefaults } from './pipeline.ts';

export type TrainContext = ActionContext<(typeof INPUTS)[number]>;

/** Files named by paths and globs, not looked at yet. */
export interface FileRequest {
  readonly patterns: readonly string[];
  /** Absolute folder the patterns are relative to. */
  readonly base: string;
  /** How messages call the setting. */
  readonly what: string;
}

/** A file or folder that the command writes. */
export interface OutputPath {
  readonly absolute: string;
  /** Relative to the project's folder, with `/`. */
  readonly name: string;
  readonly what: string;
}

export interface Settings {
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
  readonly outputs: Outputs;
  readonly cache: boolean;
  readonly timeoutMs: number;
}

export interface Outputs {
  readonly model: OutputPath;
  readonly metrics?: OutputPath;
  readonly predictions?: OutputPath;
}

/** The outputs that are configured. */
export function outputPaths({ model, metrics, predictions }: Outputs): OutputPath[] {
  return [model, metrics, predictions].filter((output) => output !== undefined);
}

const DEFAULT_TIMEOUT = '6h';
type Section = NonNullable<LoadedConfig['config']['train']>;
type ListKey = 'sources' | 'params' | 'environment-files';
type OutputKey = 'model-path' | 'metrics' | 'predictions';

/** An input that is set wins over sluice.yaml. */
export async function readSettings(context: TrainContext): Promise<Settings> {
  const loaded = await loadConfig(context);
  const section = loaded.config.train ?? {};
  const pipeline = await pipelineOf(context, loaded);
  const defaults = pipeline && pipelineDefaults(pipeline, loaded.base);
  const sources = listOf(context, loaded, 'sources');
  const params = listOf(context, loaded, 'params') ?? paramsOf(defaults, loaded.base, context.log);
  const environment = listOf(context, loaded, 'environment-files');
  const data = dataOf(context, loaded);
  return {
    model: parseName('model', context.inputs.model ?? loaded.config.model),
    command: pipeline
      ? { argv: REPRODUCE, cwd: pipeline.folder, place: pipeline.place }
      : commandOf(context, section, loaded.base),
    ...(pipeline && { pipeline }),
    base: loaded.base,
    files: {
      ...(sources && { sources }),
      ...(data && { data }),
      ...(params && { params }),
      ...(environment && { environment }),
    },
    outputs: await outputsOf(context, loaded, defaults),
    cache: parseBoolean('cache', context.inputs.cache, section.cache ?? true),
    timeoutMs: timeoutOf(context, section),
  };
}

function commandOf(context: TrainContext, section: Section, base: string): Settings['command'] {
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
  key: ListKey,
): FileRequest | undefined {
  const given = parseLines(context.inputs[key]);
  if (given !== undefined) return { patterns: given, base: context.directory, what: `input '${key}'` };
  const written = config.train?.[key];
  return written === undefined ? undefined : { patterns: [written].flat(), base, what: `train.${key}` };
}

/** The parameter files of the pipeline, where none are named. */
function paramsOf(
  defaults: PipelineDefaults | undefined,
  base: string,
  log: TrainContext['log'],
): FileRequest | undefined {
  if (defaults === undefined || defaults.params.length === 0) return undefined;
  log.info(`params is not set: ${defaults.params.join(', ')}, from dvc.yaml.`);
  return { patterns: defaults.params, base, what: 'params of dvc.yaml' };
}

function defaultOf(key: OutputKey, defaults: PipelineDefaults | undefined): PipelineDefaults['model'] {
  if (key === 'model-path') return defaults?.model;
  return key === 'metrics' ? defaults?.metrics : undefined;
}

function dataOf(context: TrainContext, { config, base }: LoadedConfig): FileRequest | undefined {
  const given = parseLines(context.inputs.data);
  if (given !== undefined) return { patterns: given, base: context.directory, what: "input 'data'" };
  const written = [config.data?.train, config.data?.test].filter((list) => list !== undefined).flat();
  return written.length === 0 ? undefined : { patterns: written, base, what: 'data.train or data.test' };
}

async function outputsOf(
  context: TrainContext,
  loaded: LoadedConfig,
  defaults: PipelineDefaults | undefined,
): Promise<Outputs> {
  const [model, metrics, predictions] = await Promise.all(
    (['model-path', 'metrics', 'predictions'] as const).map((key) =>
      outputOf(context, loaded, key, defaults),
    ),
  );
  if (model === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      defaults === undefined
        ? "No model path is given. Set the input 'model-path' or train.model-path in sluice.yaml to what the command writes."
        : "No model path is given, and dvc.yaml has not exactly one artifact of the type 'model'. Set the input 'model-path' or train.model-path in sluice.yaml, or add 'artifacts: {<name>: {path: <model>, type: model}}' to dvc.yaml.",
    );
  }
  const outputs = { model, ...(metrics && { metrics }), ...(predictions && { predictions }) };
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

async function outputOf(
  context: TrainContext,
  { config, base }: LoadedConfig,
  key: OutputKey,
  defaults: PipelineDefaults | undefined,
): Promise<OutputPath | undefined> {
  const input = context.inputs[key];
  const written = input ?? config.train?.[key];
  const fallback = written === undefined ? defaultOf(key, defaults) : undefined;
  const given = written ?? fallback?.path;
  if (given === undefined) return undefined;
  if (fallback !== undefined) context.log.info(`${key} is not set: ${fallback.path}, from ${fallback.what}.`);
  const what = fallback?.what ?? (input === undefined ? `train.${key}` : `input '${key}'`);
  const from = input === undefined ? base : context.directory;
  const absolute = await insideWorkspace(context.workspace, from, given, { what, kind: 'absent' });
  if (isInside(base, absolute) || isInside(context.directory, absolute)) {
    throw new UserError<Reason>(
      'bad-input',
      `${what} is '${given}', which is the project's own folder or one around it. What was there is replaced by each run; use a path below it, such as out/model.`,
    );
  }
  return { absolute, name: path.relative(base, absolute).split(path.sep).join('/'), what };
}
