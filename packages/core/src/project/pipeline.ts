import * as path from 'node:path';
import { UserError } from '../action/errors.ts';
import { insideWorkspace, nameWithin } from '../action/paths.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { PipelineFile } from '../dvc/pipeline-file.ts';
import { findProject, type DvcProject } from '../dvc/project.ts';
import { readPipeline } from '../dvc/tracked.ts';

/** A dvc.yaml that makes the model. */
export interface Pipeline {
  readonly project: DvcProject;
  /** Absolute folder of dvc.yaml. */
  readonly folder: string;
  /** dvc.yaml relative to the project's folder (that of sluice.yaml), with `/`. */
  readonly name: string;
  readonly file: PipelineFile;
  /** The setting that names it; absent where it merely lies in the project's folder. */
  readonly place?: string;
}

/** A pipeline that a setting names. */
export interface NamedPipeline extends Pipeline {
  readonly place: string;
}

interface Step {
  readonly workspace: string;
  readonly directory: string;
  readonly inputs: { readonly run?: string | undefined; readonly pipeline?: string | undefined };
}

const FILE = 'dvc.yaml';

/** The pipeline that input or sluice.yaml name; undefined when a command is to run. An input wins over the file. */
export async function namedPipeline(
  { workspace, directory, inputs }: Step,
  { config, base }: LoadedConfig,
): Promise<NamedPipeline | undefined> {
  const { run, pipeline: input } = inputs;
  if (run !== undefined && input !== undefined) throw both("The inputs 'run' and 'pipeline'");
  if (run !== undefined) return undefined;
  const written = config.train?.pipeline;
  if (input === undefined && written !== undefined && config.train?.run !== undefined) {
    throw both('train.run and train.pipeline');
  }
  const given = input ?? written;
  if (given === undefined) return undefined;
  const place = input === undefined ? 'train.pipeline' : "input 'pipeline'";
  const from = input === undefined ? base : directory;
  const absolute = await insideWorkspace(workspace, from, given, { what: place, kind: 'file' });
  if (path.basename(absolute) !== FILE) {
    throw new UserError(
      'bad-input',
      `${place} is '${given}'. DVC knows pipelines by the name dvc.yaml only.`,
    );
  }
  const pipeline = await openPipeline(path.dirname(absolute), base, workspace);
  if (pipeline !== undefined) return { ...pipeline, place };
  throw new UserError(
    'bad-config',
    `${place} names ${absolute}, but there is no folder .dvc beside it or above, inside of the checkout. Run 'dvc init' and commit .dvc/config.`,
  );
}

/**
 * The pipeline that made the model of this project: the named one, else the dvc.yaml in its folder. Undefined where a
 * command trains the model, and outside of a DVC project.
 */
export async function pipelineOf(
  step: Omit<Step, 'inputs'>,
  loaded: LoadedConfig,
): Promise<Pipeline | undefined> {
  const named = await namedPipeline({ ...step, inputs: {} }, loaded);
  if (named !== undefined || loaded.config.train?.run !== undefined) return named;
  return openPipeline(loaded.base, loaded.base, step.workspace);
}

async function openPipeline(folder: string, base: string, workspace: string): Promise<Pipeline | undefined> {
  const project = await findProject(folder, workspace);
  const file = project && (await readPipeline(project, folder));
  if (project === undefined || file === undefined) return undefined;
  const name = nameWithin(base, path.join(folder, FILE));
  return { project, folder, name, file };
}

function both(what: string): UserError {
  return new UserError(
    'bad-input',
    `${what} are both set. Either a command trains the model, or DVC reproduces the pipeline: remove one.`,
  );
}
