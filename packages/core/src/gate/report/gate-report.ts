import type { ChangedRows } from '../changed-rows.ts';
import type { RuleChanges } from '../changed-rules.ts';
import type { AnyResult } from '../kinds/index.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import type { CalibrationBin } from '../metrics/calibration.ts';
import type { BaselineEntry } from './baseline-entry.ts';
import type { PastVersion } from './history-chart.ts';

/** Everything that the report shows. */
export interface GateReport {
  readonly model: string;
  /** Which job of a matrix; '' without one. */
  readonly matrixKey: string;
  readonly decision: 'pass' | 'warn' | 'fail' | 'error';
  /** Whether it fails and somebody accepted that. */
  readonly accepted: boolean;
  /** The verdict's one sentence, plain text. */
  readonly message: string;
  readonly baseline: BaselineEntry;
  /** Why there is no baseline, one reason per source. */
  readonly tried: readonly string[];
  readonly headCommit: string | undefined;
  /** Whether there is something to merge. */
  readonly isPullRequest: boolean;
  readonly results: readonly AnyResult[];
  readonly changed: ChangedRows | undefined;
  readonly rules: RuleChanges;
  readonly metrics: KnownMetrics;
  readonly baselineMetrics: KnownMetrics;
  /** Oldest first. */
  readonly history: readonly PastVersion[];
  /** Of the candidate's probabilities; empty where there are none. */
  readonly calibration: readonly CalibrationBin[];
  readonly notes: readonly string[];
}
