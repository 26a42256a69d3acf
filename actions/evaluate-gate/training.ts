import { stat } from 'node:fs/promises';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { isUserError } from '@sluice/core/action/errors.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import type { FoundBaseline } from '@sluice/core/baseline/found.ts';
import { expandFiles, type DataFile } from '@sluice/core/data/files.ts';
import type { Doubt } from '@sluice/core/gate/doubt.ts';
import type { MeasuredBaseline } from '@sluice/core/gate/measured-models.ts';
import { leakDoubt, type TrainingRows } from '@sluice/core/gate/training-rows.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { PredictionsReader } from '@sluice/core/measuring/predictions-reader.ts';
import type { GateSettings } from './inputs.ts';
import type { TestSet } from './test-set.ts';

/** More training data than this is not read for the sake of a warning. */
const MOST_BYTES = 256 * 2 ** 20;

class TooMuch extends Error {}

interface Measured {
  readonly testSet: TestSet;
  readonly candidate: Candidate;
  readonly reader: PredictionsReader;
}

/**
 * Samples the rows of `data.train` as they lie here, for this gate and for later ones to which this model is the baseline.
 * Nothing is fetched for it; undefined where they are not at hand, are no tables, or are too many, and where nobody knows
 * which of them training kept for the test.
 */
export async function trainingRows(
  { log, workspace }: ActionContext,
  { trainData }: GateSettings,
  { testSet, candidate, reader }: Measured,
): Promise<TrainingRows | undefined> {
  if (trainData === undefined || trainData.patterns.some((one) => one.startsWith('s3://'))) return undefined;
  const { what, patterns, base } = trainData;
  let bytes = 0;
  try {
    const { files } = await expandFiles(patterns, {
      base,
      what,
      inside: async (given) => {
        const file = await insideWorkspace(workspace, base, given, { what, kind: 'file' });
        bytes += (await stat(file)).size;
        if (bytes > MOST_BYTES) throw new TooMuch();
        return file;
      },
    });
    if (candidate.predictions === undefined && areSame(files, testSet.files)) return undefined;
    const sampled = await reader.sampleRows(files);
    return sampled && { ...sampled, columns: [...sampled.columns], sample: [...sampled.sample] };
  } catch (error) {
    if (error instanceof TooMuch) {
      log.info(`${what} has more than ${MOST_BYTES} bytes; its rows were not compared with the test set.`);
    } else if (!isUserError(error) || error.reasonCode !== 'missing-file') throw error;
    return undefined;
  }
}

/** Whether training and test data are the same files: then training splits them itself. */
function areSame(training: readonly DataFile[], test: readonly DataFile[]): boolean {
  const names = new Set(test.map(({ absolute }) => absolute));
  return training.length === names.size && training.every(({ absolute }) => names.has(absolute));
}

interface Trained {
  readonly testSet: TestSet | undefined;
  readonly training: TrainingRows | undefined;
  readonly baseline: MeasuredBaseline;
  readonly found: FoundBaseline;
}

/** Whether candidate or baseline were likely trained on rows of today's test set. */
export async function leakDoubts(
  { testSet, training, baseline, found }: Trained,
  reader: PredictionsReader,
): Promise<Doubt[]> {
  const doubt = async (
    rows: TrainingRows | undefined,
    whose: Parameters<typeof leakDoubt>[2],
  ): Promise<Doubt[]> => {
    if (testSet === undefined || rows === undefined) return [];
    return [leakDoubt(await reader.countSampled(testSet.files, rows), rows, whose)].filter(
      (found) => found !== undefined,
    );
  };
  const older =
    baseline.kind === 'present' && found.kind === 'version'
      ? await doubt(baseline.training, {
          model: found.record.version,
          consequence: 'it looks better than it is and the comparison is unfair to the candidate',
        })
      : [];
  const own = await doubt(training, { model: 'the candidate', consequence: 'it looks better than it is' });
  return [...own, ...older];
}
