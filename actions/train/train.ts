import { commandFailure, runCommand } from '@sluice/core/action/command.ts';
import { runUrl } from '@sluice/core/action/run-url.ts';
import { UserError, errorMessage, isUserError } from '@sluice/core/action/errors.ts';
import type { Log } from '@sluice/core/action/log.ts';
import { argumentsWithoutSecrets } from '@sluice/core/action/secrets.ts';
import { setAside, type SetAside } from './aside.ts';
import { filesBeside, writtenBeside } from './beside.ts';
import type { ResultCache } from './cache.ts';
import { changedParts, type CachePlan } from './cache-key.ts';
import { collect, type Made } from './collect.ts';
import type { Reason } from './definition.ts';
import { placeEntry, readEntry, type Manifest, type Origin } from './entry.ts';
import type { TrainSettings, TrainContext } from './inputs.ts';
import { openCache } from './open-cache.ts';
import type { Recorded } from './recorded.ts';
import { lockBefore, readReproduced, type Reproduced } from './reproduced.ts';

/** A model at its place, by this run or restored from an earlier one. */
export interface Trained {
  readonly made: Made;
  readonly origin: Origin;
  readonly hit: boolean;
  /** Parts that differ from the newest entry; undefined on a hit, without a cache or without such an entry. */
  readonly changed: readonly string[] | undefined;
  /** What DVC did, when it was asked. */
  readonly reproduced?: Reproduced;
  /** Files beside the outputs that the command wrote too; with any, the result is not kept. */
  readonly beside: readonly string[];
}

/**
 * Restores the model from the cache or runs the command. Whatever goes wrong, the outputs of before are back when this
 * throws. A result is cached only after everything it consists of was read and digested.
 */
export async function restoreOrTrain(
  settings: TrainSettings,
  recorded: Recorded,
  plan: CachePlan,
  context: TrainContext,
): Promise<Trained> {
  const cache = plan.kind === 'on' ? await openCache(plan.place, settings, context) : undefined;
  // DVC compares what is there with dvc.lock; outputs that were moved away would be made again.
  const before =
    settings.pipeline === undefined ? await setAside(settings.outputs, context.workspace) : LEFT_ALONE;
  try {
    const restored =
      cache && plan.kind === 'on' ? await restore(cache, plan.key, settings, context) : undefined;
    const trained = restored ?? (await train(settings, recorded, plan, cache, context));
    context.signal.throwIfAborted();
    await before.drop();
    return trained;
  } catch (error) {
    await before.restore();
    throw error;
  } finally {
    await cache?.close();
  }
}

const LEFT_ALONE: SetAside = { restore: () => Promise.resolve(), drop: () => Promise.resolve() };

async function restore(
  cache: ResultCache,
  key: string,
  settings: TrainSettings,
  { log, workspace }: TrainContext,
): Promise<Trained | undefined> {
  const folder = await quietly('The cache was not searched', log, () => cache.find(key));
  if (folder === undefined) return undefined;
  const manifest = await readEntry(folder, key, settings.outputs);
  if ('problem' in manifest) {
    log.warning(
      `The entry ${key} in ${cache.name} is damaged: ${manifest.problem}. It is not used; training again.`,
    );
    return undefined;
  }
  await placeEntry(folder, settings.outputs, workspace);
  return {
    made: await collect(settings.outputs),
    origin: manifest.origin,
    hit: true,
    changed: undefined,
    beside: [],
  };
}

async function train(
  settings: TrainSettings,
  recorded: Recorded,
  plan: CachePlan,
  cache: ResultCache | undefined,
  context: TrainContext,
): Promise<Trained> {
  const { log } = context;
  const newest = cache && (await quietly('What changed is not known', log, () => cache.newestParts()));
  const { pipeline, outputs } = settings;
  const before = pipeline && (await lockBefore(pipeline));
  const filesBefore = cache && (await filesBeside(settings, context));
  const origin = await runTraining(settings, recorded, context);
  const made = await collect(outputs);
  const reproduced = pipeline && before && (await readReproduced(pipeline, before, outputs.model));
  const beside = filesBefore ? writtenBeside(filesBefore, await filesBeside(settings, context)) : [];
  if (cache !== undefined && plan.kind === 'on' && beside.length === 0) {
    context.signal.throwIfAborted();
    const manifest = manifestOf(plan, made, origin);
    await quietly('The result was not cached', log, () => cache.save(settings.outputs, manifest));
  }
  const changed = newest && changedParts(newest, plan.parts);
  return { made, origin, hit: false, changed, beside, ...(reproduced && { reproduced }) };
}

/** A cache that does not answer means a slower run, never a failed one. */
async function quietly<T>(consequence: string, log: Log, body: () => Promise<T>): Promise<T | undefined> {
  try {
    return await body();
  } catch (error) {
    log.warning(`${consequence}: ${errorMessage(error)}`);
    return undefined;
  }
}

async function runTraining(
  settings: TrainSettings,
  { checkout }: Recorded,
  context: TrainContext,
): Promise<Origin> {
  const { command, timeoutMs, pipeline } = settings;
  const startedOn = new Date();
  const { signal, env, log } = context;
  const end = await log.group(`Training: ${argumentsWithoutSecrets(command.argv).join(' ')}`, () =>
    runCommand({ ...command, env, log, signal, timeoutMs, left: 'end' }).catch((error: unknown) => {
      throw pipeline === undefined ? error : withoutDvc(error);
    }),
  );
  const failure = commandFailure(end, command.place);
  if (failure !== undefined) throw new UserError<Reason>('command-failed', failure, { decision: 'fail' });
  const run = runUrl(env);
  return {
    startedOn: startedOn.toISOString(),
    finishedOn: new Date().toISOString(),
    seconds: end.seconds,
    ...(run === undefined ? {} : { invocationId: run }),
    ...(checkout.kind === 'git' ? { commit: checkout.commit } : {}),
    dirty: checkout.kind === 'git' && checkout.dirty,
  };
}

function withoutDvc(error: unknown): unknown {
  if (!isUserError(error) || error.reasonCode !== 'missing-file') return error;
  return new UserError<Reason>(
    'missing-file',
    "The program 'dvc' was not found on PATH, and train.pipeline needs it. Install it in a step before: 'pip install dvc', with the extra of your remote, such as 'dvc[s3]'.",
    { cause: error },
  );
}

function manifestOf(plan: CachePlan & { kind: 'on' }, made: Made, origin: Origin): Manifest {
  return {
    version: 2,
    key: plan.key,
    parts: plan.parts,
    model: made.model.sha256,
    ...(made.metricsDigest && { metrics: made.metricsDigest }),
    ...(made.predictionsDigest && { predictions: made.predictionsDigest }),
    others: made.others.map(({ sha256 }) => sha256),
    origin,
  };
}
