import type { GivenPath } from '../action/paths.ts';
import type { MeasuredBaseline } from '../gate/measured-models.ts';
import { readMetrics } from '../measuring/metrics-file.ts';
import type { FoundBaseline } from './found.ts';
import { matched } from './matching.ts';
import type { BaselineRequest } from './request.ts';
import type { BaselineSettings } from './settings.ts';
import { measureVersion } from './stored-version.ts';

type GivenFiles = Pick<BaselineSettings, 'metrics' | 'predictions'>;

/** What may be compared with the candidate, its rows in the candidate's order. */
export async function measureBaseline(
  found: FoundBaseline,
  request: BaselineRequest,
): Promise<MeasuredBaseline> {
  switch (found.kind) {
    case 'none':
      return { kind: 'none' };
    case 'given':
      return measureGiven(request, request.settings.baseline);
    case 'file':
      return measureGiven(request, asGiven(found.path, request.settings.base));
    case 'version':
      return measureVersion(found.record, request);
  }
}

/** `file:` names predictions or metrics, by its ending. */
function asGiven(given: string, base: string): GivenFiles {
  const file: GivenPath = { what: `the baseline 'file:${given}'`, given, base };
  return /\.(json|ya?ml)$/i.test(given) ? { metrics: file } : { predictions: file };
}

/** Whoever names files says that they are comparable; rows are still matched. */
async function measureGiven(
  { context, reader, candidate }: BaselineRequest,
  { metrics, predictions }: GivenFiles,
): Promise<MeasuredBaseline> {
  const given = predictions === undefined ? undefined : await reader.readGiven(predictions);
  return {
    kind: 'present',
    sample: matched(candidate.predictions, given),
    logged:
      metrics === undefined
        ? { kind: 'absent' }
        : { kind: 'same', value: (await readMetrics(context.workspace, metrics)).logged },
  };
}
