import { LIMITS, readBounded } from '../action/limits.ts';
import type { GivenPath } from '../action/paths.ts';
import type { MeasuredBaseline } from '../gate/measured-models.ts';
import { parseMetrics } from '../gate/metrics-file.ts';
import { readMetrics } from '../measuring/metrics-file.ts';
import { isMetricsFile } from './given-file.ts';
import type { CommittedFile, FoundBaseline } from './found.ts';
import { matched } from './matching.ts';
import type { BaselineRequest } from './request.ts';
import type { BaselineSettings } from './settings.ts';
import { measureVersion } from './stored-version.ts';
import { otherFiles } from './test-set-difference.ts';

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
    case 'committed':
      return measureCommitted(request, found);
    case 'version':
      return measureVersion(found.record, request);
  }
}

/** What git has of the change's beginning counts where the test set is the same there. */
async function measureCommitted(
  { reader, candidate, settings }: BaselineRequest,
  { name, copy, commit, changedTestSet }: CommittedFile,
): Promise<MeasuredBaseline> {
  const what = `${name} at ${commit.slice(0, 7)}`;
  const changed = changedTestSet ?? [];
  if (changed.length > 0) {
    const message = otherFiles(what, changed, settings.baseline.onDifferentTestSet);
    const different = { kind: 'different', message } as const;
    return isMetricsFile(name)
      ? { kind: 'present', sample: { kind: 'absent' }, logged: different }
      : { kind: 'present', sample: different, logged: { kind: 'absent' } };
  }
  if (!isMetricsFile(name)) {
    const predictions = await reader.readFile(copy, what);
    return {
      kind: 'present',
      sample: matched(candidate.predictions, predictions),
      logged: { kind: 'absent' },
    };
  }
  const bytes = await readBounded(copy, { name: what, reason: 'bad-config', limit: LIMITS.metrics });
  const value = parseMetrics(bytes.toString('utf8'), what);
  return { kind: 'present', sample: { kind: 'absent' }, logged: { kind: 'same', value } };
}

/** `file:` names predictions or metrics, by its ending. */
function asGiven(given: string, base: string): GivenFiles {
  const file: GivenPath = { what: `the baseline 'file:${given}'`, given, base };
  return isMetricsFile(given) ? { metrics: file } : { predictions: file };
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
