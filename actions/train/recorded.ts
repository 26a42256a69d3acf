import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { escapePath, glob } from 'tinyglobby';
import { UserError, errorMessage, isUserError } from '@sluice/core/action/errors.ts';
import { LIMITS, readBounded } from '@sluice/core/action/limits.ts';
import { insideWorkspace, isInside } from '@sluice/core/action/paths.ts';
import { expandFiles, type FileSet } from '@sluice/core/data/files.ts';
import { parseParams } from '@sluice/core/dvc/yaml.ts';
import { readCheckout, type Checkout } from './checkout.ts';
import { readS3Data, type S3Data } from '@sluice/core/pins/bring/read.ts';
import type { Reason } from './definition.ts';
import { outputPaths, type FileRequest, type TrainSettings, type TrainContext } from './inputs.ts';
import { pythonVersion } from './interpreter.ts';

/** Everything a training run starts from, as it was before the command ran. */
export interface Recorded {
  readonly checkout: Checkout;
  /** Undefined when neither `sources` nor git says which files these are. */
  readonly sources: FileSet | undefined;
  readonly data: FileSet | undefined;
  readonly s3: S3Data;
  readonly params: FileSet;
  /** Contents of the parameter files by name. */
  readonly paramValues: Readonly<Record<string, unknown>>;
  readonly environment: FileSet;
  /** dvc.lock, when the project has one. */
  readonly lock: FileSet;
  readonly python: string | undefined;
  readonly platform: string;
}

const LOCK = 'dvc.lock';
const NOTHING: FileSet = { files: [], bytes: 0, digest: '' };
/** What Python and tools write beside the code while it runs. */
const NOT_SOURCE = /(?:^|\/)(?:__pycache__|\.[^/]+)\//;

/** Digests the files that the settings name. Throws `missing-file` and `bad-input` for those that cannot be read. */
export async function recordInputs(settings: TrainSettings, context: TrainContext): Promise<Recorded> {
  const { files, base } = settings;
  const s3 = await readS3Data(context, {
    base,
    requests: files.data === undefined ? [] : [files.data],
    writeLock: false,
  });
  const set = (request: FileRequest | undefined): Promise<FileSet | undefined> =>
    request === undefined ? Promise.resolve(undefined) : digestFiles(request, s3, context);
  const checkout = await readCheckout(base, context.signal);
  const recorded: Omit<Recorded, 'paramValues'> = {
    checkout,
    sources: await set((await withoutFolders(files.sources)) ?? (await trackedFiles(settings, checkout))),
    // What a pipeline makes of its sources is there when it has run.
    data: settings.pipeline === undefined ? await set(files.data) : undefined,
    s3,
    params: (await set(files.params)) ?? NOTHING,
    environment: (await set(files.environment)) ?? NOTHING,
    lock: await lockFile(settings, s3, context),
    python: await pythonVersion(settings.command, context),
    platform: `${process.platform}-${process.arch}`,
  };
  refuseOverlap(settings, recorded);
  return { ...recorded, paramValues: await readParams(recorded.params) };
}

/** The same after a pipeline has run, with the data and the lock that it left. */
export async function recordAfter(
  recorded: Recorded,
  settings: TrainSettings,
  context: TrainContext,
): Promise<Recorded> {
  const { data } = settings.files;
  return {
    ...recorded,
    data: data === undefined ? undefined : await digestFiles(data, recorded.s3, context),
    lock: await lockFile(settings, recorded.s3, context),
  };
}

async function lockFile(
  { base, pipeline }: TrainSettings,
  s3: S3Data,
  context: TrainContext,
): Promise<FileSet> {
  const name = path.posix.join(pipeline === undefined ? '.' : path.posix.dirname(pipeline.name), LOCK);
  if (!(await isFile(path.join(base, name)))) return NOTHING;
  return digestFiles({ patterns: [name], base, what: name }, s3, context);
}

async function digestFiles(
  { patterns, base, what, isOptional }: FileRequest,
  s3: S3Data,
  { workspace }: TrainContext,
): Promise<FileSet> {
  try {
    return await expandFiles(patterns, {
      base,
      what,
      found: s3.files,
      inside: (given) => insideWorkspace(workspace, base, given, { what, kind: 'file' }),
    });
  } catch (error) {
    if (isOptional !== true || !isUserError(error) || error.reasonCode !== 'missing-file') throw error;
    const message = `${error.message} Or leave ${what} out: it is optional.`;
    throw new UserError<Reason>('missing-file', message, { cause: error });
  }
}

/** A folder among the sources stands for every file below it. */
async function withoutFolders(request: FileRequest | undefined): Promise<FileRequest | undefined> {
  if (request === undefined) return undefined;
  const patterns = await Promise.all(
    request.patterns.map(async (pattern) => {
      const info = await stat(path.resolve(request.base, pattern)).catch(() => undefined);
      if (info?.isDirectory() !== true) return [pattern];
      const below = await glob(`${escapePath(pattern.replace(/\/+$/, ''))}/**`, {
        cwd: request.base,
        dot: true,
      });
      return below.filter((file) => !NOT_SOURCE.test(file));
    }),
  );
  return { ...request, patterns: patterns.flat() };
}

/** Without `sources`, the files git tracks are the sources: as they are now, deleted ones and the outputs left out. */
async function trackedFiles(
  { base, outputs }: TrainSettings,
  checkout: Checkout,
): Promise<FileRequest | undefined> {
  if (checkout.kind === 'none') return undefined;
  const written = outputPaths(outputs).map((output) => output.absolute);
  const present = await Promise.all(
    checkout.tracked.map(async (name) => {
      const absolute = path.join(base, name);
      return !written.some((output) => isInside(absolute, output)) && (await isFile(absolute)) ? [name] : [];
    }),
  );
  return { patterns: present.flat(), base, what: 'the files that git tracks' };
}

/** Outputs are set aside before the command runs; an input among them would vanish. */
function refuseOverlap({ outputs }: TrainSettings, recorded: Omit<Recorded, 'paramValues'>): void {
  const inputs = [recorded.sources, recorded.data, recorded.params, recorded.environment];
  for (const output of outputPaths(outputs)) {
    const file = inputs
      .flatMap((set) => set?.files ?? [])
      .find(({ absolute }) => isInside(absolute, output.absolute));
    if (file === undefined) continue;
    throw new UserError<Reason>(
      'bad-input',
      `${output.what} is '${output.name}', and '${file.path}' in it is also an input of the training. Let the command write to a folder of its own, such as out/.`,
    );
  }
}

async function readParams({ files }: FileSet): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const file of files) {
    const name = `The parameter file '${file.path}'`;
    const read = await readBounded(file.absolute, { name, reason: 'bad-config', limit: LIMITS.metrics });
    try {
      values[file.path] = parseParams(read.toString('utf8'));
    } catch (error) {
      throw new UserError<Reason>(
        'bad-config',
        `The parameter file '${file.path}' is neither YAML nor JSON: ${errorMessage(error)}`,
      );
    }
  }
  return values;
}

async function isFile(absolute: string): Promise<boolean> {
  return (await stat(absolute).catch(() => undefined))?.isFile() ?? false;
}
