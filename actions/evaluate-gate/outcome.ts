import type { ActionContext } from '@sluice/core/action/context.ts';
import { acknowledgeFailures, verdictDigest } from '@sluice/core/gate/acknowledge.ts';
import type { CasesResult } from '@sluice/core/gate/kinds/cases/settle.ts';
import type { ConditionResult } from '@sluice/core/gate/kinds/condition/settle.ts';
import type { FairnessResult } from '@sluice/core/gate/kinds/fairness/settle.ts';
import { gateVerdict, type AnyResult, type GateVerdict, type RuleResult } from '@sluice/core/gate/verdict.ts';
import { askForAcceptance, type Acknowledgement } from '@sluice/core/review/acceptance.ts';
import { askAfterMerge } from '@sluice/core/review/after-merge.ts';
import type { GateSettings } from './inputs.ts';
import type { Publisher } from '@sluice/core/review/publish.ts';

/** What came of the rules of each kind. */
export interface Results {
  readonly results: readonly RuleResult[];
  readonly cases: readonly CasesResult[];
  readonly fairness: readonly FairnessResult[];
  readonly conditions: readonly ConditionResult[];
}

interface Judged extends Results {
  readonly verdict: GateVerdict;
}

interface Circumstances {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  readonly publisher: Publisher;
  readonly hasBaseline: boolean;
}

/** The verdict, with failures that somebody accepted acknowledged. */
export interface AcknowledgedOutcome {
  readonly outcome: Judged;
  /** Undefined where nothing failed or nobody can be asked. */
  readonly acknowledgement: Acknowledgement | undefined;
  /** Digest of the numbers that fail, accepted or not; undefined where none do. */
  readonly failing: string | undefined;
}

/** Judges the whole, and asks whether a failure is accepted. */
export async function acknowledged(
  given: Results,
  { context, settings, publisher, hasBaseline }: Circumstances,
): Promise<AcknowledgedOutcome> {
  const judge = (all: Results): Judged => ({
    ...all,
    verdict: gateVerdict(allOf(all), hasBaseline, settings.baseline.onMissing),
  });
  const outcome = judge(given);
  // Without a deciding result no rule failed; a missing baseline has no numbers to accept.
  if (outcome.verdict.decision !== 'fail' || outcome.verdict.decisive === undefined) {
    return { outcome, acknowledgement: undefined, failing: undefined };
  }
  const failing = verdictDigest(allOf(given));
  const label = settings.acceptLabel;
  if (label === undefined || !publisher.tellsWhoLabelled) {
    return { outcome, acknowledgement: undefined, failing };
  }
  const { forge, commit } = publisher;
  const acknowledgement =
    forge === undefined
      ? commit && (await askAfterMerge(context, commit, label, failing))
      : await askForAcceptance(context, forge, label, failing);
  if (acknowledgement?.kind !== 'accepted') return { outcome, acknowledgement, failing };
  const accepted = judge({
    results: acknowledgeFailures(given.results),
    cases: acknowledgeFailures(given.cases),
    fairness: acknowledgeFailures(given.fairness),
    conditions: acknowledgeFailures(given.conditions),
  });
  return { outcome: accepted, acknowledgement, failing };
}

function allOf({ results, cases, fairness, conditions }: Results): AnyResult[] {
  return [...results, ...cases, ...fairness, ...conditions];
}
