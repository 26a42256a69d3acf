import { LIMITS, readBoundedText } from '@sluice/core/action/limits.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { countingAnalysis } from '@sluice/core/rollout/analysis/providers/counting.ts';
import { questionOf, readCounts } from '@sluice/core/rollout/analysis/providers/counts.ts';
import type { ProviderKind } from '@sluice/core/rollout/analysis/providers/kind.ts';
import type { FileConfig } from './schema.ts';

/** The row of the provider: reads its section, and the file when a window is over. */
export const file: ProviderKind<FileConfig> = async ({ value, name, folder }, { workspace }) => {
  const what = { what: `${name}.path`, kind: 'file' } as const;
  const place = await insideWorkspace(workspace, folder, value.path, what);
  return countingAnalysis(value, async (window) => {
    const source = { name: value.path, reason: 'bad-input', limit: LIMITS.metrics } as const;
    return readCounts(await readBoundedText(place, source), questionOf(window), value.path);
  });
};
