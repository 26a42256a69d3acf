import { LIMITS, readBounded } from '../action/limits.ts';
import { insideWorkspace, type GivenPath } from '../action/paths.ts';
import { sha256 } from '../digest/files.ts';
import { parseMetrics, type LoggedMetrics } from '../gate/metrics-file.ts';

/** What a metrics file says. */
export interface MetricsFile {
  readonly logged: LoggedMetrics;
  /** sha256 (hex) of its bytes; absent where none was read. */
  readonly metricsDigest?: string;
}

/** Reads a metrics file of the workspace. */
export async function readMetrics(workspace: string, { what, given, base }: GivenPath): Promise<MetricsFile> {
  const absolute = await insideWorkspace(workspace, base, given, { what, kind: 'file' });
  const name = `${what} (${given})`;
  const bytes = await readBounded(absolute, { name, reason: 'bad-input', limit: LIMITS.metrics });
  return {
    logged: parseMetrics(bytes.toString('utf8'), name),
    metricsDigest: sha256(bytes),
  };
}
