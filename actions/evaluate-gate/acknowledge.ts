import type { ActionContext } from '@sluice/core/action/context.ts';
import type { FoundBaseline } from '@sluice/core/baseline/found.ts';
import { acknowledgeFailures, verdictDigest } from '@sluice/core/gate/acknowledge.ts';
import { gateVerdict, type GateVerdict } from '@sluice/core/gate/gate-verdict.ts';
import type { AnyResult } from '@sluice/core/gate/kinds/index.ts';
import { askForAcknowledgement, type Acknowledgement } from '@sluice/core/review/acknowledgement.ts';
import { askOnLandingPull } from '@sluice/core/review/landing.ts';
import type { GateSettings } from './inputs.ts';
import type { Publisher } from '@sluice/core/review/publish.ts';

interface Circumstances {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  readonly publisher: Publisher;
  readonly found: FoundBaseline;
}

/** The verdict, with failures that somebody accepted acknowledged. */
export interface Acknowledged {
  readonly results: readonly AnyResult[];
  readonly verdict: GateVerdict;
  /** Undefined where nothing failed or nobody can be asked. */
  readonly acknowledgement: Acknowledgement | undefined;
  /** Digest of the numbers that fail, accepted or not; undefined where none do. */
  readonly failing: string | undefined;
}

/** Judges the whole, and asks whether a failure is accepted. */
export async function acknowledged(
  results: readonly AnyResult[],
  { context, settings, publisher, found }: Circumstances,
): Promise<Acknowledged> {
  const judge = (all: readonly AnyResult[]): Pick<Acknowledged, 'results' | 'verdict'> => ({
    results: all,
    verdict: gateVerdict(
      all,
      found.kind !== 'none',
      settings.baseline.onMissing,
      found.kind === 'none' ? found.never : undefined,
    ),
  });
  const judged = judge(results);
  // Without a deciding result no rule failed; a missing baseline has no numbers to accept.
  if (judged.verdict.decision !== 'fail' || judged.verdict.decisive === undefined) {
    return { ...judged, acknowledgement: undefined, failing: undefined };
  }
  const failing = verdictDigest(results);
  const label = settings.acknowledgeLabel;
  if (label === undefined || !publisher.tellsWhoLabelled) {
    return { ...judged, acknowledgement: undefined, failing };
  }
  const { forge, commit } = publisher;
  const acknowledgement =
    forge === undefined
      ? commit && (await askOnLandingPull(context, commit, label, failing))
      : await askForAcknowledgement(context, forge, label, failing);
  if (acknowledgement?.kind !== 'acknowledged') return { ...judged, acknowledgement, failing };
  return { ...judge(acknowledgeFailures(results)), acknowledgement, failing };
}
