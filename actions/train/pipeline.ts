import * as path from 'node:path';
import { UserError } from '@sluice/core/action/errors.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import type { LoadedConfig } from '@sluice/core/config/load.ts';
import { findProject, isAddress, type DvcProject } from '@sluice/core/dvc/project.ts';
import type { PipelineFile } from '@sluice/core/dvc/pipeline-file.ts';
import { readPipeline } from '@sluice/core/dvc/tracked.ts';
import type { Reason } from './definition.ts';
import type { TrainContext } from './inputs.ts';

/** A dvc.yaml that is reproduced instead of running a command. */
export interface Pipeline {
  readonly project: DvcProject;
  /** Absolute folder of dvc.yaml. */
  readonly folder: string;
  /** dvc.yaml relative to the project's folder (that of sluice.yaml), with `/`. */
  readonly name: string;
  readonly file: PipelineFile;
  readonly place: string;
}

const FILE = 'dvc.yaml';

/** The pipeline that input or sluice.yaml name; undefined when a command is to run. An input wins over the file. */
export async function pipelineOf(
  context: TrainContext,
  { config, base }: LoadedConfig,
): Promise<Pipeline | undefined> {
  const { run, pipeline: input } = context.inputs;
  if (run !== undefined && input !== undefined) throw both("The inputs 'run' and 'pipeline'");
  if (run !== undefined) return undefined;
  const written = config.train?.pipeline;
  if (input === undefined && written !== undefined && config.train?.run !== undefined) {
    throw both('train.run and train.pipeline');
  }
  const given = input ?? written;
  if (given === undefined) return undefined;
  const place = input === undefined ? 'train.pipeline' : "input 'pipeline'";
  const from = input === undefined ? base : context.directory;
  const absolute = await insideWorkspace(context.workspace, from, given, { what: place, kind: 'file' });
  if (path.basename(absolute) !== FILE) {
    throw new UserError<Reason>(
      'bad-input',
      `${place} is '${given}'. DVC knows pipelines by the name dvc.yaml only.`,
    );
  }
  return openPipeline(context, absolute, base, place);
}

async function openPipeline(
  { workspace }: TrainContext,
  absolute: string,
  base: string,
  place: string,
): Promise<Pipeline> {
  const folder = path.dirname(absolute);
  const project = await findProject(folder, workspace);
  const file = project && (await readPipeline(project, folder));
  if (project === undefined || file === undefined) {
    throw new UserError<Reason>(
      'bad-config',
      `${place} names ${absolute}, but there is no folder .dvc beside it or above, inside of the checkout. Run 'dvc init' and commit .dvc/config.`,
    );
  }
  return { project, folder, name: relative(base, absolute), file, place };
}

/** What dvc.yaml says where settings are left open: paths relative to `base`, and the place for messages. */
export interface PipelineDefaults {
  readonly model?: { readonly path: string; readonly what: string };
  readonly metrics?: { readonly path: string; readonly what: string };
  readonly params: readonly string[];
}

/** The only artifact of the type `model`, the only metrics file, and every parameter file of the stages. */
export function pipelineDefaults({ file, folder, name }: Pipeline, base: string): PipelineDefaults {
  const models = [...file.artifacts].filter(([, { type, path: at }]) => type === 'model' && !isAddress(at));
  const [model] = models.length === 1 ? models : [];
  const stages = [...file.stages.values()].filter(({ wdir }) => !wdir.includes('${'));
  const below = (wdir: string, at: string): string => relative(base, path.resolve(folder, wdir, at));
  const metrics = new Set([
    ...file.metrics.map((at) => below('.', at)),
    ...stages.flatMap((stage) => stage.metrics.map((at) => below(stage.wdir, at))),
  ]);
  const params = new Set([
    ...file.params.map((at) => below('.', at)),
    ...stages.flatMap((stage) => [...stage.params.keys()].map((at) => below(stage.wdir, at))),
  ]);
  const [metric] = metrics;
  return {
    ...(model && {
      model: { path: below('.', model[1].path), what: `artifacts.${model[0]}.path of ${name}` },
    }),
    ...(metric !== undefined &&
      metrics.size === 1 && { metrics: { path: metric, what: `metrics of ${name}` } }),
    params: [...params].filter((at) => !at.includes('${') && /\.(?:ya?ml|json)$/.test(at)),
  };
}

/** The files that stages read and no stage writes, as absolute paths; those with `${…}` are left to DVC. */
export function pipelineSources({ file, folder }: Pipeline): string[] {
  const stages = [...file.stages.values()].filter(({ wdir }) => !wdir.includes('${'));
  const absolutes = (pick: 'deps' | 'outs'): string[] =>
    stages.flatMap((stage) =>
      stage[pick]
        .filter((at) => !at.includes('${') && !isAddress(at))
        .map((at) => path.resolve(folder, stage.wdir, at)),
    );
  const written = new Set(absolutes('outs'));
  return [...new Set(absolutes('deps'))].filter((file) => !written.has(file));
}

/** The command that reproduces it, to run in the folder of dvc.yaml. */
export const REPRODUCE = ['dvc', 'repro', FILE];

function relative(base: string, absolute: string): string {
  return path.relative(base, absolute).split(path.sep).join('/');
}

function both(what: string): UserError {
  return new UserError<Reason>(
    'bad-input',
    `${what} are both set. Either a command trains the model, or DVC reproduces the pipeline: remove one.`,
  );
}
