import type { ActionContext } from '@sluice/core/action/context.ts';
import type { FoundBaseline } from '@sluice/core/baseline/found.ts';
import type { ChangedRows } from '@sluice/core/gate/changed-rows.ts';
import type { RuleChanges } from '@sluice/core/gate/changed-rules.ts';
import type { Doubt } from '@sluice/core/gate/doubt.ts';
import type { GateVerdict } from '@sluice/core/gate/gate-verdict.ts';
import type { HeldRows } from '@sluice/core/gate/held-rows.ts';
import type { TrainingRows } from '@sluice/core/gate/training-rows.ts';
import type { AnyResult } from '@sluice/core/gate/kinds/index.ts';
import type { MeasuredBaseline } from '@sluice/core/gate/measured-models.ts';
import type { Budget } from '@sluice/core/gate/report/budget-words.ts';
import type { PastVersion } from '@sluice/core/gate/report/history-chart.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { Acknowledgement } from '@sluice/core/review/acknowledgement.ts';
import type { Subject } from '@sluice/core/review/subject.ts';
import type { GateSettings } from './inputs.ts';
import type { TestSet } from './test-set.ts';
import type { GateFolders } from './workspace.ts';

/** Everything a run found out. */
export interface GateFindings {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  readonly folders: GateFolders;
  readonly testSet: TestSet | undefined;
  readonly found: FoundBaseline;
  readonly candidate: Candidate;
  /** The rows that were evaluated against the declared test set; undefined without either. */
  readonly held: HeldRows | undefined;
  /** Of the rows that the candidate was trained on; undefined where they are not at hand. */
  readonly training: TrainingRows | undefined;
  /** What makes the verdict mean less than it says. */
  readonly doubts: readonly Doubt[];
  /** What came of every rule, in the order of the kinds. */
  readonly results: readonly AnyResult[];
  /** Undefined where right and wrong are not known of both models. */
  readonly changed: ChangedRows | undefined;
  /** How the change that is judged changes the rules. */
  readonly rules: RuleChanges;
  readonly verdict: GateVerdict;
  /** Undefined where nothing failed or nobody could be asked. */
  readonly acknowledgement: Acknowledgement | undefined;
  /** Digest of the numbers that fail, accepted or not. */
  readonly failing: string | undefined;
  /** Undefined where nobody counts how often the test set is used. */
  readonly budget: Budget | undefined;
  /** The commit that is judged. */
  readonly head: string | undefined;
  /** What event and checkout agree on. */
  readonly subject: Subject;
  /** Why the baseline may hold what this branch lacks, in sentences; undefined where it does not, or it is not known. */
  readonly behind: string | undefined;
  /** What of train's evidence did not come into this job, in sentences; undefined where nothing lacks. */
  readonly carried: string | undefined;
  /** What a reader has to know about numbers that somebody else computed. */
  readonly trust: readonly string[];
  readonly baseline: MeasuredBaseline;
  /** Oldest first. */
  readonly history: readonly PastVersion[];
}
