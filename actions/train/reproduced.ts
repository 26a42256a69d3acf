import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LIMITS, readBoundedText } from '@sluice/core/action/limits.ts';
import { UserError, errorCode } from '@sluice/core/action/errors.ts';
import type { Entry } from '@sluice/core/dvc/entry.ts';
import type { Lock } from '@sluice/core/dvc/lock-file.ts';
import { pipelineStatus, readLock } from '@sluice/core/dvc/pipeline-status.ts';
import { definitionOf } from '@sluice/core/dvc/pipeline-file.ts';
import type { Resource } from '@sluice/core/evidence/statement.ts';
import type { Pipeline } from '@sluice/core/project/pipeline.ts';
import type { Reason } from './definition.ts';
import type { OutputPath } from './inputs.ts';

/** What reproducing a pipeline came to. */
export interface Reproduced {
  readonly lock: Lock;
  /** Stages whose entry in dvc.lock is another than before, or was not there. */
  readonly changed: readonly string[];
  /** Path of dvc.lock relative to the project's folder. */
  readonly lockName: string;
  /** Whether the text of dvc.lock changed, so that it has to be committed. */
  readonly lockChanged: boolean;
}

/** dvc.lock before a run, to say afterwards what changed. */
export interface LockBefore {
  readonly text: string;
  readonly lock: Lock;
}

/** Reads dvc.lock before the run. */
export async function lockBefore({ project, folder }: Pipeline): Promise<LockBefore> {
  return { text: await textOf(folder), lock: await readLock(project, folder) };
}

/**
 * Reads dvc.lock after the run and makes sure that it is about what lies here: a stage that is not as it says, or a model
 * that no stage writes, is an error, because such a model could be an old one. Throws UserError `no-model` (fail) or
 * `command-failed`.
 */
export async function readReproduced(
  pipeline: Pipeline,
  before: LockBefore,
  model: OutputPath,
): Promise<Reproduced> {
  const { project, folder, name, file } = pipeline;
  const lock = await readLock(project, folder);
  const status = (await pipelineStatus(project, folder)) ?? [];
  const open = status.filter(
    ({ stage, changes }) => changes.length > 0 && definitionOf(file, stage)?.alwaysChanged !== true,
  );
  if (open.length > 0) {
    const list = open.map(({ stage, changes }) => `${stage} (${changes.join('; ')})`).join(', ');
    throw new UserError<Reason>(
      'command-failed',
      `dvc repro ended well, but dvc.lock is not about what lies here: ${list}. A frozen stage, or a file that a later stage overwrites, is the usual cause.`,
      { decision: 'fail' },
    );
  }
  if (!writesModel(lock, pipeline, model.absolute)) {
    throw new UserError<Reason>(
      'no-model',
      `${model.what} is '${model.name}', which no stage of ${name} has among its outs. Add it to the outs of the stage that writes it, so that DVC knows when it is old.`,
      { decision: 'fail' },
    );
  }
  return {
    lock,
    changed: [...lock]
      .filter(([stage, now]) => !isDeepStrictEqual(before.lock.get(stage), now))
      .map(([stage]) => stage),
    lockName: path.posix.join(path.posix.dirname(name), 'dvc.lock'),
    lockChanged: (await textOf(folder)) !== before.text,
  };
}

/** What was reproduced, and what is left to do: the message after its headline. */
export function reproducedHow(reproduced: Reproduced, seconds: number): string {
  const { changed, lock, lockChanged, lockName } = reproduced;
  if (!lockChanged) {
    return `: none of the ${lock.size} stages of the pipeline had to run again (${seconds.toFixed(1)} s).`;
  }
  return `; other than before: ${changed.join(', ') || 'nothing but how it is written'}. ${lockName} changed: commit it, after 'dvc push'.`;
}

/** What the stages read and wrote, as SLSA resources; a digest that is not the md5 of bytes has a name of DVC's. */
export function lockedResources({ lock }: Reproduced): Resource[] {
  return [...lock].flatMap(([stage, { deps, outs }]) => [
    ...deps.flatMap((entry) => resourceOf(entry, stage, 'dvc-dependency')),
    ...outs.flatMap((entry) => resourceOf(entry, stage, 'dvc-output')),
  ]);
}

/** The values of the parameters that each stage read. */
export function lockedParams({ lock }: Reproduced): Record<string, unknown> {
  const used = [...lock].filter(([, { params }]) => Object.keys(params).length > 0);
  return Object.fromEntries(used.map(([stage, { params }]) => [stage, params]));
}

function resourceOf({ path: name, md5, algorithm, cloud }: Entry, stage: string, role: string): Resource[] {
  const annotations = {
    role,
    stage,
    ...(cloud === undefined ? {} : { 'version-id': cloud.versionId }),
  };
  if (md5 === undefined) return [{ name, annotations }];
  const hex = md5.replace(/\.dir$/, '');
  const kind = md5.endsWith('.dir') ? 'dvcDirMd5' : algorithm === 'md5' ? 'md5' : 'dvcMd5Dos2unix';
  return [{ name, digest: { [kind]: hex }, annotations }];
}

function writesModel(lock: Lock, { folder, file }: Pipeline, model: string): boolean {
  return [...lock].some(([stage, { outs }]) => {
    const wdir = definitionOf(file, stage)?.wdir ?? '.';
    return outs.some(({ path: at }) => {
      const out = path.resolve(folder, wdir, at);
      return model === out || model.startsWith(`${out}${path.sep}`);
    });
  });
}

async function textOf(folder: string): Promise<string> {
  try {
    return await readBoundedText(path.join(folder, 'dvc.lock'), {
      name: 'dvc.lock',
      reason: 'bad-config',
      limit: LIMITS.records,
    });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
