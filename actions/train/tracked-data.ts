import { bringData } from '@sluice/core/dvc/check-data.ts';
import { pipelineSources } from '@sluice/core/project/declared.ts';
import type { TrainSettings, TrainContext } from './inputs.ts';

/**
 * Brings data that DVC tracks and that is not there into the workspace, before anything is digested: that of the settings, or
 * what the pipeline starts from. Throws UserError `digest-mismatch` (fail) where data is not as recorded.
 */
export async function bringTrackedData(settings: TrainSettings, context: TrainContext): Promise<void> {
  const { env, signal, log, workspace } = context;
  const { files, base, pipeline, timeoutMs } = settings;
  // The data of a pipeline may be what it makes itself; what it starts from is among its sources.
  const data = pipeline === undefined ? files.data : undefined;
  const request = {
    patterns: data?.patterns ?? [],
    base: data?.base ?? pipeline?.folder ?? base,
    workspace,
    files: pipeline === undefined ? [] : pipelineSources(pipeline),
  };
  await bringData(request, { env, signal, log, timeoutMs });
}
