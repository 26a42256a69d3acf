import * as path from 'node:path';
import { stringify } from 'yaml';
import * as z from 'zod/mini';
import { UserError, errorCode, errorMessage } from '../action/errors.ts';
import { LIMITS, readBoundedText } from '../action/limits.ts';
import { readValue } from '../schema/document.ts';

/** Name of the file that makes a folder a model for MLflow. */
export const MLMODEL = 'MLmodel';
/** Where the team's own files lie when the MLmodel is written here. */
export const MODEL_FOLDER = 'model/';
export const CODE_FOLDER = 'code/';
const REQUIREMENTS = 'requirements.txt';
const PYTHON_ENV = 'python_env.yaml';

/** What an MLmodel says that matters for registering. */
export interface ModelFacts {
  /** Names of the flavours, such as `python_function` and `sklearn`, sorted. */
  readonly flavours: readonly string[];
  /** Whether inputs and outputs are described. */
  readonly signature: boolean;
}

/** How MLflow is to load a model that has no MLmodel of its own. */
export interface LoaderWish {
  /** Python module with a function `_load_pyfunc(path)`. */
  readonly loaderModule: string;
  /** What that function is given, relative to the model; empty for all of it. */
  readonly data: string;
  readonly hasCode: boolean;
  /** Text of a requirements file. */
  readonly requirements?: string;
  readonly pythonVersion?: string;
}

const fileSchema = z.looseObject({
  flavors: z.record(z.string(), z.unknown()),
  signature: z.optional(z.unknown()),
});

/** Reads the MLmodel of a folder; undefined when it has none. Throws UserError `bad-input` for one that is not valid. */
export async function readMlmodel(folder: string): Promise<ModelFacts | undefined> {
  const file = path.join(folder, MLMODEL);
  try {
    const { flavors, signature } = z.parse(
      fileSchema,
      readValue(
        await readBoundedText(file, { name: file, reason: 'bad-input', limit: LIMITS.settings }),
        LIMITS.settings,
      ),
    );
    return {
      flavours: Object.keys(flavors).sort(),
      signature: signature !== undefined && signature !== null,
    };
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw new UserError(
      'bad-input',
      `${file} is not an MLmodel: ${errorMessage(error)}. Let mlflow's save_model write it, or remove it.`,
      { cause: error },
    );
  }
}

/** The files that make a plain model one that MLflow loads, by name; see mlflow/pyfunc/__init__.py for the keys. */
export function writtenMlmodel(wish: LoaderWish, createdAt: Date): ReadonlyMap<string, string> {
  const { loaderModule, data, hasCode, requirements, pythonVersion } = wish;
  const flavour = {
    loader_module: loaderModule,
    data: `${MODEL_FOLDER}${data}`.replace(/\/$/, ''),
    ...(hasCode ? { code: CODE_FOLDER.replace(/\/$/, '') } : {}),
    ...(pythonVersion === undefined ? {} : { python_version: pythonVersion }),
    ...(requirements === undefined ? {} : { env: { virtualenv: PYTHON_ENV } }),
  };
  const files = new Map([
    [
      MLMODEL,
      stringify({
        flavors: { python_function: flavour },
        utc_time_created: createdAt.toISOString().replace('T', ' ').replace('Z', ''),
      }),
    ],
  ]);
  if (requirements === undefined) return files;
  const environment = {
    ...(pythonVersion === undefined ? {} : { python: pythonVersion }),
    build_dependencies: ['pip', 'setuptools', 'wheel'],
    dependencies: [`-r ${REQUIREMENTS}`],
  };
  return files.set(REQUIREMENTS, requirements).set(PYTHON_ENV, stringify(environment));
}
