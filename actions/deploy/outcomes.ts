import type { Outcome } from '@sluice/core/action/outcome.ts';
import type { Refusal } from '@sluice/core/ledger/plan.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import type { Statement } from '@sluice/core/evidence/statement.ts';
import { lineage } from '@sluice/core/registry/lineage.ts';
import type { KnownVersion } from '@sluice/core/rollout/effects.ts';
import { servedVersion, type LiveState } from '@sluice/core/serving/target.ts';
import type { Finished, Held, Intent } from '@sluice/core/delivery/carry-out.ts';
import { lineageDetails } from '@sluice/core/registry/lineage-table.ts';
import { concludeFailure, successDecision } from '@sluice/core/delivery/conclude.ts';
import { REASONS, type OUTPUTS, type Reason } from './definition.ts';
import type { Settings } from './inputs.ts';
import type { Vouched } from '@sluice/core/delivery/evidence.ts';
import { sharesOf } from '@sluice/core/delivery/live.ts';
import { rolloutSummary } from '@sluice/core/delivery/report.ts';
import type { Result } from './result.ts';

type DeployOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

/** The ledger and the server agree already; at most a hold was ended. */
export function alreadyLive(
  settings: Settings,
  version: string,
  live: LiveState,
  endsHold: boolean,
): DeployOutcome {
  const { model, environment } = settings;
  const read = live.answer.kind === 'not-asked' ? 'the link says so' : 'the server answers with it';
  const message = `${model} ${version} is live in ${environment} already, and ${read}.${endsHold ? ` Its hold ${settings.dryRun ? 'would be' : 'is'} released.` : ''}`;
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
      action: 'deploy',
      decision: 'pass',
      message,
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
  settings: Settings,
  candidate: VersionRecord,
  previous: KnownVersion | undefined,
  live: LiveState,
  { file: evidence, notes }: Vouched,
): DeployOutcome {
  const { model, environment } = settings;
  const { version } = candidate;
  const message = `Dry run: ${model} ${version} would replace ${previous?.version ?? 'nothing'} in ${environment}. Nothing was changed.`;
  const result: Result = {
    environment,
    version,
    ...(previous === undefined ? {} : { 'previous-version': previous.version }),
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
      action: 'deploy',
      decision: 'pass',
      message,
      environment,
      from: previous?.version,
      candidate: version,
      served: version,
      steps: [],
      checks: [],
      notes: [...notes, ...planOf(settings, candidate, previous)],
    }),
  };
}

/** What would be done, one sentence a step. */
export function planOf(
  { root, reload, server, verification }: Settings,
  { version, modelDigest }: VersionRecord,
  previous: KnownVersion | undefined,
): string[] {
  const { golden, modelGolden, readyCount, latencyP95Ms } = verification;
  const ofModel = modelGolden.length > 0 ? ' and those of the model' : '';
  const latency = latencyP95Ms === undefined ? '' : `, 95th percentile within ${latencyP95Ms} ms`;
  return [
    `Stage sha256:${modelDigest ?? ''} to ${root}/releases/${version}.`,
    `Switch ${root}/current${reload === undefined ? '' : ` and run ${reload.argv.join(' ')}`}.`,
    server === undefined
      ? 'No url: only the link can be read back.'
      : `Ask ${server.url} for the version; ready ${readyCount} times; ${golden.length} golden cases${ofModel}${latency}.`,
    `Write the ledger. When anything fails, go back to ${previous?.version ?? 'serving nothing'}.`,
  ];
}

/** What a rollout came to. */
export function finished(
  settings: Settings,
  { candidate, previous }: Pick<Intent<Refusal>, 'candidate' | 'previous'>,
  { settled, state }: Held,
  report: Finished,
  { file: evidence, statements: passport, notes }: Vouched,
): DeployOutcome {
  const { model, environment } = settings;
  const { version } = candidate;
  const before = previous?.version;
  const verdict =
    report.end.kind === 'deployed'
      ? success(settings, version, insteadOf(state, environment, version, before), report)
      : concludeFailure(report.end, {
          candidate: `${model} ${version}`,
          previous: before,
          environment,
          whenRestored: 'rolled-back',
          reasons: REASONS,
        });
  const live = [...sharesOf(report.live)];
  const result: Result = {
    environment,
    version,
    ...(before === undefined ? {} : { 'previous-version': before }),
    live,
    steps: [...report.steps],
    verification: [...report.checks],
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
      action: 'deploy',
      decision: verdict.decision,
      message: verdict.message,
      environment,
      from: before,
      candidate: version,
      served: servedVersion(report.live),
      steps: report.steps,
      checks: report.checks,
      notes: [...(settled === undefined ? [] : [settled.message]), ...notes],
      appendix: whereFrom(report.state, version, passport),
    }),
  };
}

/** Where the version comes from and where it runs, folded. */
function whereFrom(state: ModelState, version: string, passport: readonly Statement[]): string | undefined {
  const found = lineage(state, version, passport);
  return found === undefined ? undefined : lineageDetails(found);
}

function success(
  { model, environment, server }: Settings,
  version: string,
  instead: string,
  { checks }: Finished,
): { decision: 'pass' | 'warn'; reasonCode: 'ok'; message: string } {
  const read =
    server === undefined
      ? 'no url: the link is all that can be read, so nothing was verified'
      : 'read back from the server and verified';
  return {
    decision: successDecision(checks),
    reasonCode: 'ok',
    message: `${model} ${version} is live in ${environment}${instead}; ${read}.`,
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
    return ' again: the server did not answer as the ledger says';
  return before === undefined ? ', the first version here' : ` instead of ${before}`;
}
