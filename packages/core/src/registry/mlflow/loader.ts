import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { LIMITS, readBoundedText } from '../../action/limits.ts';
import { glob } from 'tinyglobby';
import type { ActionContext } from '../../action/context.ts';
import { UserError } from '../../action/errors.ts';
import { insideWorkspace, nameWithin } from '../../action/paths.ts';
import type { MlmodelConfig } from '../../mlflow/mlmodel-schema.ts';
import { CODE_FOLDER, readMlmodel, writtenMlmodel, type ModelFacts } from '../../mlflow/mlmodel.ts';
import type { Companion } from '../../store/store.ts';

/** How MLflow will load a model: by its own MLmodel, by one that is written, or not at all. */
export interface Loader {
  readonly facts: ModelFacts | undefined;
  /** Files to put beside the model in MLflow, by name. */
  readonly additions: ReadonlyMap<string, Companion>;
}

const MODULE = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;
/** What Python writes beside the code while it runs. */
const NOT_CODE = ['**/__pycache__/**', '**/.*/**'];

/** Finds out how MLflow loads the model; paths of `wish` are relative to `base`. An MLmodel of the model's own wins. */
export async function prepareLoader(
  context: ActionContext,
  modelPath: string,
  wish: MlmodelConfig | undefined,
  base: string,
): Promise<Loader> {
  const facts = await readMlmodel(modelPath);
  if (facts !== undefined || wish === undefined) return { facts, additions: new Map() };
  const module = wish['loader-module'];
  if (!MODULE.test(module)) {
    throw new UserError(
      'bad-config',
      `registry.mlmodel.loader-module is '${module}'. Write the name of a Python module, such as flight_delay.mlflow.`,
    );
  }
  const code = await codeFiles(context, wish.code, base);
  const files = writtenMlmodel(
    {
      loaderModule: module,
      data: await dataPath(modelPath, wish.data),
      hasCode: code.size > 0,
      ...(wish.requirements === undefined
        ? {}
        : { requirements: await requirementsText(context, wish.requirements, base) }),
      ...(wish['python-version'] === undefined ? {} : { pythonVersion: wish['python-version'] }),
    },
    new Date(),
  );
  const texts = [...files].map(([name, text]): [string, Companion] => [name, { text }]);
  return {
    facts: { flavours: ['python_function'], signature: false },
    additions: new Map([...texts, ...code]),
  };
}

async function requirementsText({ workspace }: ActionContext, given: string, base: string): Promise<string> {
  const what = 'registry.mlmodel.requirements';
  const file = await insideWorkspace(workspace, base, given, { what, kind: 'file' });
  return readBoundedText(file, { name: given, reason: 'bad-config', limit: LIMITS.settings });
}

/** A model of one file is that file for its loader as well. */
async function dataPath(modelPath: string, given: string | undefined): Promise<string> {
  const single = (await stat(modelPath)).isFile();
  if (given === undefined) return single ? path.basename(modelPath) : '';
  const folder = single ? path.dirname(modelPath) : modelPath;
  const what = 'registry.mlmodel.data';
  const file = await insideWorkspace(folder, folder, given, { what, kind: 'any' });
  return nameWithin(folder, file);
}

async function codeFiles(
  { workspace }: ActionContext,
  given: MlmodelConfig['code'] = [],
  base: string,
): Promise<Map<string, Companion>> {
  const files = new Map<string, Companion>();
  for (const one of typeof given === 'string' ? [given] : given) {
    const what = 'registry.mlmodel.code';
    const absolute = await insideWorkspace(workspace, base, one, { what, kind: 'any' });
    const name = `${CODE_FOLDER}${path.basename(absolute)}`;
    if ((await stat(absolute)).isFile()) files.set(name, { path: absolute });
    else {
      for (const file of (await glob('**', { cwd: absolute, ignore: NOT_CODE })).sort())
        files.set(`${name}/${file}`, { path: path.join(absolute, file) });
    }
  }
  return files;
}
