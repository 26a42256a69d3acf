import { findProject } from '@sluice/core/dvc/project.ts';
import { pipelineStatus, type StageStatus } from '@sluice/core/dvc/pipeline-status.ts';
import type { Context } from './context.ts';
import type { DataVerdict } from './decide.ts';

/** Whether what a stage of dvc.yaml recorded in dvc.lock belongs to the files of this checkout. */
export interface StageCheck {
  readonly id: string;
  readonly kind: 'dvc-stage';
  /** `info`: not all of it was compared, or it does not and train is about to run it. */
  readonly verdict: 'pass' | 'warn' | 'info';
  readonly message: string;
}

/** Compares dvc.lock with dvc.yaml and the files in the project's folder; nothing where DVC is not used. */
export async function checkPipeline(
  { workspace, log }: Context,
  base: string,
  runsLater: boolean,
): Promise<StageCheck[]> {
  const project = await findProject(base, workspace);
  const stages = project && (await pipelineStatus(project, base));
  if (stages === undefined) return [];
  const checks = stages.map((stage) => toCheck(stage, runsLater));
  for (const { verdict, message } of checks) if (verdict !== 'pass') log.info(message);
  return checks;
}

function toCheck({ stage, changes, unknown }: StageStatus, runsLater: boolean): StageCheck {
  const id = `dvc.lock:${stage}`;
  const open = unknown.length === 0 ? '' : ` Not compared: ${unknown.join('; ')}.`;
  if (changes.length === 0) {
    const verdict = unknown.length === 0 ? 'pass' : 'info';
    return { id, kind: 'dvc-stage', verdict, message: `Stage ${stage} is as dvc.lock says.${open}` };
  }
  const then = runsLater
    ? 'train is about to run it.'
    : "Run 'dvc repro' and 'dvc push', and commit dvc.lock.";
  return {
    id,
    kind: 'dvc-stage',
    verdict: runsLater ? 'info' : 'warn',
    message: `Stage ${stage} is not as dvc.lock says: ${changes.join('; ')}. ${then}${open}`,
  };
}

/** Adds to a verdict that dvc.lock is out of date, where nothing is worse. */
export function withStages(conclusion: DataVerdict, stages: readonly StageCheck[]): DataVerdict {
  const stale = stages.filter(({ verdict }) => verdict === 'warn');
  if (conclusion.decision !== 'pass' || stale.length === 0) return conclusion;
  const message = `${conclusion.message} ${stale.map((stage) => stage.message).join(' ')}`;
  return { decision: 'warn', reasonCode: 'lock-outdated', message };
}
