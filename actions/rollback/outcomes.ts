import type { Decision } from '@sluice/core/action/outcome.ts';
import type { Refusal } from '@sluice/core/ledger/plan.ts';
import type { StepRecord } from '@sluice/core/rollout/engine.ts';
import type { Check } from '@sluice/core/serving/checks.ts';
import { servedVersion, type LiveState } from '@sluice/core/serving/target.ts';
import type { Finished, Held, Intent, Settled } from '@sluice/core/delivery/carry-out.ts';
import { concludeFailure, successDecision } from '@sluice/core/delivery/conclude.ts';
import { sharesOf } from '@sluice/core/delivery/live.ts';
import { rolloutSummary } from '@sluice/core/delivery/report.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import { REASONS, type Reason, type RollbackOutcome } from './definition.ts';
import { diffSections, type DiffRow } from './diff.ts';
import type { RollbackRequest } from './inputs.ts';
import type { Result } from './result.ts';

/** What the words about a rollback need of its request. */
type Asked = Pick<RollbackRequest, 'model' | 'environment' | 'hold' | 'reason'>;

/** What an outcome shows, however it came about. */
interface Story {
  readonly decision: Decision;
  readonly reasonCode: Reason;
  /** What became of the version, for the headline. */
  readonly verdict: string;
  readonly message: string;
  readonly from: string | undefined;
  /** What was to be served, when it is not `to`. */
  readonly candidate?: string;
  /** What is served after the step. */
  readonly to: string | undefined;
  readonly live: LiveState;
  readonly steps?: readonly StepRecord[];
  readonly checks?: readonly Check[];
  readonly notes?: readonly string[];
  /** After the rest. */
  readonly appendix?: readonly Section[];
  readonly result?: Partial<Result>;
}

function outcome({ model, environment }: Asked, story: Story): RollbackOutcome {
  const { decision, reasonCode, message, from, to, live, steps = [], checks = [], notes = [] } = story;
  const { verdict, candidate, appendix = [] } = story;
  const result: Result = {
    environment,
    ...(to === undefined ? {} : { version: to }),
    ...(from === undefined ? {} : { 'previous-version': from }),
    live: [...sharesOf(live)],
    steps: [...steps],
    verification: [...checks],
    ...story.result,
  };
  const seconds = ['seconds-to-traffic', 'seconds-to-verified'] as const;
  const summary = rolloutSummary({
    model,
    verdict,
    environment,
    from,
    candidate,
    served: to,
    steps,
    checks,
    notes,
    appendix,
  });
  return {
    decision,
    reasonCode,
    message,
    model,
    outputs: {
      version: to ?? '',
      'previous-version': from ?? '',
      ...Object.fromEntries(seconds.map((name) => [name, result[name] ?? ''])),
    },
    result,
    summary,
  };
}

/** The ledger and the server agree already. */
export function alreadyLive(request: Asked, version: string, live: LiveState): RollbackOutcome {
  const verdict = `is live in ${request.environment} already`;
  return outcome(request, {
    decision: 'pass',
    reasonCode: 'already-live',
    verdict,
    message: `${request.model} ${version} ${verdict}${request.hold ? ', and deployments there are on hold' : '. Nothing was changed'}.`,
    from: version,
    to: version,
    live,
  });
}

/** What would change, side by side. */
export function dryRun(
  request: Asked,
  live: LiveState,
  from: string | undefined,
  to: string,
  difference: readonly DiffRow[],
): RollbackOutcome {
  const { model, environment } = request;
  const bad = from === undefined || from === to ? '' : ` That would quarantine ${from}.`;
  const hold = request.hold ? ' Deployments would be put on hold.' : '';
  const verdict = `would be back in ${environment} instead of ${from ?? 'no version'}`;
  return outcome(request, {
    decision: 'pass',
    reasonCode: 'ok',
    verdict,
    message: `Dry run: ${model} ${to} ${verdict}.${bad}${hold} Nothing was changed.`,
    from,
    to,
    live,
    appendix: diffSections(difference),
    result: { 'dry-run': true },
  });
}

/** What a rollback knows of a rollout that it undid. */
interface Undone extends Pick<Held, 'live' | 'steps'> {
  readonly lock: Pick<Held['lock'], 'abandoned'>;
}

/** A rollout that died was undone, which is what a rollback was called for. */
export function undone(request: Asked, { live, lock, steps }: Undone, settled: Settled): RollbackOutcome {
  const ok = settled.kind === 'undone';
  const version = settled.to?.version;
  const now = request.hold ? 'deployments are on hold now' : 'nothing had to be written';
  const leave =
    settled.inPlace && version !== undefined
      ? ` ${version} was served all along: if it is what you want to leave, run this step again.`
      : '';
  return outcome(request, {
    decision: !ok ? 'fail' : leave === '' ? 'pass' : 'warn',
    reasonCode: ok ? 'ok' : 'restore-failed',
    verdict: `${ok ? 'is' : 'could not be put'} back in ${request.environment}`,
    message: ok
      ? `${settled.message} The ledger said so all along; ${now}.${leave}`
      : `${settled.message} Name a version that works with 'to'.`,
    from: lock.abandoned?.candidate,
    ...(version === undefined ? {} : { candidate: version }),
    to: ok ? version : servedVersion(live),
    live,
    steps,
  });
}

/** What a rollback came to. */
export function finished(
  request: Asked,
  { candidate, previous }: Pick<Intent<Refusal>, 'candidate' | 'previous'>,
  { settled }: Pick<Held, 'settled'>,
  report: Finished,
): RollbackOutcome {
  const { model, environment } = request;
  const from = previous?.version;
  const seconds = secondsUntil(report);
  const common = {
    from,
    live: report.live,
    steps: report.steps,
    checks: report.checks,
    notes: settled === undefined ? [] : [settled.message],
  };
  if (report.end.kind === 'deployed') {
    const verdict = `is back in ${environment}`;
    return outcome(request, {
      ...common,
      decision: successDecision(report.checks),
      reasonCode: 'ok',
      verdict,
      message: `${model} ${candidate.version} ${verdict}: in traffic after ${(seconds['seconds-to-traffic'] ?? 0).toFixed(1)} s, ${verifiedClause(report.checks, seconds)}${quarantineNote(from, candidate.version)}${request.hold ? ' Deployments are on hold.' : ''} Reason: ${request.reason}`,
      to: candidate.version,
      result: seconds,
    });
  }
  const failure = concludeFailure(report.end, {
    candidate: `${model} ${candidate.version}`,
    previous: from,
    environment,
    whenRestored: 'verification-failed',
    reasons: REASONS,
  });
  return outcome(request, {
    ...common,
    ...failure,
    candidate: candidate.version,
    to: servedVersion(report.live),
  });
}

function quarantineNote(from: string | undefined, to: string): string {
  return from === undefined || from === to ? '' : ` ${from} is quarantined.`;
}

/** What is known of what is served now: only a check that passed has verified anything. */
function verifiedClause(checks: readonly Check[], seconds: Pick<Result, 'seconds-to-verified'>): string {
  const verified = seconds['seconds-to-verified'];
  if (verified === undefined) {
    const why = checks.filter(({ verdict }) => verdict === 'not-checked').map(({ message }) => message);
    return ['but nothing was verified.', ...why].join(' ');
  }
  const passed = checks.filter(({ verdict }) => verdict === 'pass').map(({ check }) => check);
  const unasked = passed.includes('golden')
    ? ''
    : '; no prediction was compared, for there are no golden cases';
  return `verified after ${verified.toFixed(1)} s (${[...new Set(passed)].join(', ')}${unasked}).`;
}

/** Seconds since the step's process started, so that nothing is left out. */
function secondsUntil({
  steps,
  checks,
}: Pick<Finished, 'steps' | 'checks'>): Pick<Result, 'seconds-to-traffic' | 'seconds-to-verified'> {
  const until = (name: string): number | undefined => {
    const step = steps.find((s) => s.name === name && s.verdict === 'pass');
    return step === undefined
      ? undefined
      : (Date.parse(step.started) - performance.timeOrigin) / 1000 + step.seconds;
  };
  const traffic = until('read-back');
  const verified = checks.some(({ verdict }) => verdict === 'pass') ? until('verify') : undefined;
  return {
    ...(traffic === undefined ? {} : { 'seconds-to-traffic': traffic }),
    ...(verified === undefined ? {} : { 'seconds-to-verified': verified }),
  };
}
