import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import type { Statement } from '@sluice/core/evidence/statement.ts';
import { lineage } from '@sluice/core/registry/lineage.ts';
import { LABELS, type KnownVersion } from '@sluice/core/rollout/state.ts';
import {
  describeShares,
  servedVersion,
  type LiveState,
  type ServingTarget,
} from '@sluice/core/serving/target.ts';
import type { Held } from '@sluice/core/delivery/environment.ts';
import type { Finished } from '@sluice/core/delivery/rollout.ts';
import { lineageSection } from '@sluice/core/registry/lineage-section.ts';
import { concludeFailure, successOf } from '@sluice/core/delivery/conclude.ts';
import { REASONS, type DeployOutcome, type Reason } from './definition.ts';
import type { DeployRequest } from './inputs.ts';
import type { Vouched } from '@sluice/core/delivery/evidence.ts';
import { sharesOf } from '@sluice/core/delivery/live.ts';
import { stateResult } from '@sluice/core/delivery/result.ts';
import { rolloutSummary } from '@sluice/core/delivery/report.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import type { Result } from './result.ts';

/** What the words about a deployment need of its request. */
type Asked = Pick<DeployRequest, 'model' | 'environment' | 'dryRun'>;
/** What a sentence about a target needs of it. */
type Probed = Pick<ServingTarget, 'server' | 'words'>;

/** The ledger and the server agree already; at most a hold was ended. */
export function alreadyLive(
  request: Asked,
  { words }: Pick<ServingTarget, 'words'>,
  version: string,
  live: LiveState,
  endsHold: boolean,
): DeployOutcome {
  const { model, environment } = request;
  const read = live.answer.kind === 'not-asked' ? words.says('so') : 'the server answers with it';
  const verdict = `is live in ${environment} already`;
  const message = `${model} ${version} ${verdict}, and ${read}.${endsHold ? ` Its hold ${request.dryRun ? 'would be' : 'is'} released.` : ''}`;
  const result: Result = {
    environment,
    version,
    'previous-version': version,
    live: [...sharesOf(live)],
    steps: [],
    verification: [],
  };
  return {
    decision: 'pass',
    reasonCode: 'already-live',
    message,
    model,
    outputs: { version, 'previous-version': version, live: JSON.stringify(result.live) },
    result,
    summary: rolloutSummary({
      model,
      verdict,
      environment,
      from: version,
      candidate: version,
      served: version,
      steps: [],
      checks: [],
      notes: [],
    }),
  };
}

/** What would happen. */
export function dryRun(
  request: Asked,
  candidate: VersionRecord,
  previous: KnownVersion | null,
  live: LiveState,
  plan: readonly string[],
  { file: evidence, notes }: Vouched,
): DeployOutcome {
  const { model, environment } = request;
  const { version } = candidate;
  const verdict = `would replace ${previous?.version ?? 'nothing'} in ${environment}`;
  const message = `Dry run: ${model} ${version} ${verdict}. Nothing was changed.`;
  const result: Result = {
    environment,
    version,
    ...(previous === null ? {} : { 'previous-version': previous.version }),
    'dry-run': true,
    live: [...sharesOf(live)],
    steps: [],
    verification: [],
  };
  return {
    decision: 'pass',
    reasonCode: 'ok',
    message,
    model,
    outputs: { version, 'previous-version': previous?.version ?? '', live: JSON.stringify(result.live) },
    result,
    evidence,
    summary: rolloutSummary({
      model,
      verdict,
      environment,
      from: previous?.version,
      candidate: version,
      served: version,
      steps: [],
      checks: [],
      notes: [...notes, ...plan],
    }),
  };
}

/** What a rollout came to. */
export function finished(
  request: Asked,
  target: Probed,
  before: string | undefined,
  { settled, state }: Pick<Held, 'settled' | 'state'>,
  report: Finished,
  { file: evidence, statements: passport, notes }: Vouched,
): DeployOutcome {
  const { model, environment } = request;
  const version = report.state.candidate?.version ?? '';
  const failure = concludeFailure(report, {
    model,
    environment,
    whenRestored: 'rolled-back',
    reasons: REASONS,
  });
  const verdict =
    failure ??
    unfinished(request, report, before) ??
    success(request, target, version, insteadOf(state, environment, version, before), report);
  const live = [...sharesOf(report.live)];
  const result: Result = {
    environment,
    version,
    ...(before === undefined ? {} : { 'previous-version': before }),
    live,
    steps: [...report.steps],
    verification: [...report.checks],
    ...stateResult(report.state),
  };
  return {
    decision: verdict.decision,
    reasonCode: verdict.reasonCode,
    message: verdict.message,
    model,
    outputs: { version, 'previous-version': before ?? '', live: JSON.stringify(live) },
    result,
    evidence,
    summary: rolloutSummary({
      model,
      verdict: verdict.verdict,
      environment,
      from: before,
      candidate: version,
      // While the traffic is split, what was live before is live.
      served: report.live.intended.length > 1 ? before : servedVersion(report.live),
      steps: report.steps,
      checks: report.checks,
      notes: [...(settled === undefined ? [] : [settled.message]), ...notes],
      appendix: whereFrom(report.ledger, version, passport),
    }),
  };
}

/** A rollout that went as far as it was to go, and whose version is not live; undefined for one that is. */
function unfinished(
  { model, environment }: Asked,
  { state, live }: Finished,
  before: string | undefined,
): { decision: 'pass' | 'warn'; reasonCode: Reason; verdict: string; message: string } | undefined {
  const { phase, candidate, plan, step, verdicts, notes } = state;
  const version = candidate?.version ?? '';
  const said = [...verdicts.map(({ message }) => message), ...notes].join(' ');
  if (phase === 'restored') {
    const verdict = `was compared with ${before ?? 'nothing'} in ${environment}, and is not live`;
    const message = `${model} ${version} ${verdict}: nobody got its answers, and it was taken away again. ${said}`;
    return { decision: 'pass', reasonCode: 'compared', verdict, message };
  }
  if (phase !== 'paused') return undefined;
  const at = plan.steps[step];
  const pause = at !== undefined && 'pause' in at ? at.pause : '';
  const shares = describeShares(live.intended);
  const [reasonCode, waits] =
    pause === LABELS
      ? (['awaiting-labels', 'waits for labels'] as const)
      : (['paused', `is paused (${pause})`] as const);
  const verdict = `${waits} in ${environment}`;
  return {
    decision: 'warn',
    reasonCode,
    verdict,
    message:
      `${model} ${version} ${verdict}, and is not live: the traffic is set to ${shares}. Go on with 'resume: true', or take it out by the rollback action. ${said}`.trim(),
  };
}

/** Where the version comes from and where it runs. */
function whereFrom(state: ModelState, version: string, passport: readonly Statement[]): Section[] {
  const found = lineage(state, version, passport);
  return found === undefined ? [] : [lineageSection(found)];
}

function success(
  { model, environment }: Asked,
  { server, words }: Probed,
  version: string,
  instead: string,
  { checks, live }: Finished,
): { decision: 'pass' | 'warn'; reasonCode: 'ok' | 'not-verified'; verdict: string; message: string } {
  const { doubt, ...success } = successOf(checks);
  const verified = success.reasonCode === 'ok' ? ' and verified' : '';
  const read =
    server === undefined
      ? `${words.onlyRead}: nothing was verified`
      : live.answer.kind === 'not-asked'
        ? words.onlyRead
        : `read back from the server${verified}`;
  const verdict = `is live in ${environment}${instead}`;
  return {
    ...success,
    verdict,
    message: `${model} ${version} ${verdict}; ${read}.${doubt}`,
  };
}

/** What the version took the place of. */
function insteadOf(
  state: ModelState,
  environment: string,
  version: string,
  before: string | undefined,
): string {
  if (state.environments.get(environment)?.live?.version === version)
    return ' again: it was not served as the ledger says';
  return before === undefined ? ', the first version here' : ` instead of ${before}`;
}
