import type { Decision } from '@sluice/core/action/outcome.ts';
import { environmentOf } from '@sluice/core/ledger/assignment.ts';
import { quarantinedBy } from '@sluice/core/ledger/rollback.ts';
import type { Assignment, EnvironmentState } from '@sluice/core/ledger/state.ts';
import type { KnownVersion } from '@sluice/core/rollout/state.ts';
import type { StepRecord } from '@sluice/core/rollout/run.ts';
import type { Check } from '@sluice/core/serving/checks.ts';
import { servedVersion, type LiveState } from '@sluice/core/serving/target.ts';
import type { Held } from '@sluice/core/delivery/environment.ts';
import type { Finished } from '@sluice/core/delivery/rollout.ts';
import type { Settled } from '@sluice/core/delivery/settle.ts';
import { concludeFailure, successOf } from '@sluice/core/delivery/conclude.ts';
import { sharesOf } from '@sluice/core/delivery/live.ts';
import { rolloutSummary } from '@sluice/core/delivery/report.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import { REASONS, type Reason, type RollbackOutcome } from './definition.ts';
import { diffSections, type DiffRow } from './diff.ts';
import type { RollbackRequest } from './inputs.ts';
import type { Result } from './result.ts';
import type { Subject } from './subject.ts';

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

/** The ledger and the server agree already; `version` is undefined where nothing is live. */
export function alreadyLive(request: Asked, version: string | undefined, live: LiveState): RollbackOutcome {
  const what = version === undefined ? `No version of ${request.model}` : `${request.model} ${version}`;
  const verdict = `is live in ${request.environment} already`;
  return outcome(request, {
    decision: 'pass',
    reasonCode: 'already-live',
    verdict,
    message: `${what} ${verdict}${held(request)}.`,
    from: version,
    to: version,
    live,
  });
}

/** Why there is nothing to leave any more. */
interface Done {
  readonly kind: 'done' | 'replaced';
  readonly by: Pick<Assignment, 'tag' | 'trailers' | 'version'>;
}

/** What was to be left was left already: by a rollback, or by a deployment that came when the run had been created. */
export function alreadyDone(
  request: Asked,
  version: string | undefined,
  { kind, by: event }: Done,
  live: LiveState,
): RollbackOutcome {
  const { tag, trailers, version: brought } = event;
  const [by, run] = [trailers.get('Actor'), trailers.get('Run')];
  const where = `(tag ${tag}${by === undefined ? '' : ` by ${by}`}${run === undefined ? '' : ` in ${run}`})`;
  const what = `${request.model} in ${request.environment}`;
  const message =
    kind === 'replaced'
      ? `What was live of ${what} when this run was created is not any more: ${brought} came after it ${where}${held(request)}. To leave ${brought}, start a new run, or set 'from: ${brought}'.`
      : `This rollback of ${what} was done already ${where}: ${version ?? 'no version'} is live${held(request)}.`;
  return outcome(request, {
    decision: 'pass',
    reasonCode: 'already-done',
    verdict:
      kind === 'replaced'
        ? `is live in ${request.environment}, and came after this run was created`
        : `is live in ${request.environment}: the rollback was done already`,
    message,
    from: version,
    to: version,
    live,
  });
}

const held = ({ hold }: Asked): string =>
  hold ? ', and deployments there are on hold' : '. Nothing was changed';

/** What would change, side by side; `now` is what the ledger says. */
export function dryRun(
  request: Asked,
  now: EnvironmentState,
  live: LiveState,
  to: string | undefined,
  difference: readonly DiffRow[],
): RollbackOutcome {
  const { model, environment } = request;
  const from = now.live?.version;
  const bad = quarantinedBy(now, to ?? null);
  const quarantine = bad === undefined ? '' : ` That would quarantine ${bad}.`;
  const hold = request.hold ? ' Deployments would be put on hold.' : '';
  const verdict =
    to === undefined
      ? `would be served no more in ${environment}, instead of ${from ?? 'no version'}`
      : `would be back in ${environment} instead of ${from ?? 'no version'}`;
  return outcome(request, {
    decision: 'pass',
    reasonCode: 'ok',
    verdict,
    message: `Dry run: ${model}${to === undefined ? '' : ` ${to}`} ${verdict}.${quarantine}${hold} Nothing was changed.`,
    from,
    to,
    live,
    appendix: diffSections(difference),
    result: { 'dry-run': true },
  });
}

/** What had the environment before was settled, which is what a rollback was called for. */
export function settledBefore(
  request: Asked,
  { steps, state }: Pick<Held, 'steps' | 'state'>,
  { kind, candidate, inPlace, message: settled }: Settled,
  live: LiveState,
  isOnRecord: boolean,
): RollbackOutcome {
  const version = state.environments.get(request.environment)?.live?.version;
  const now = request.hold
    ? 'deployments are on hold now'
    : isOnRecord
      ? 'it says by now who went back to that'
      : 'nothing had to be written';
  const leave =
    inPlace && version !== undefined && kind !== 'finished'
      ? ` ${version} was served all along: if it is what you want to leave, run this step again, or with 'from: ${version}'.`
      : '';
  const common = {
    from: candidate,
    ...(version === undefined ? {} : { candidate: version }),
    live,
    steps,
  };
  if (kind === 'not-settled')
    return outcome(request, {
      ...common,
      decision: 'fail',
      reasonCode: 'restore-failed',
      verdict: `could not be put back in ${request.environment}`,
      message: `${settled} Name a version that works with 'to'.`,
      to: servedVersion(live),
    });
  return outcome(request, {
    ...common,
    decision: leave === '' ? 'pass' : 'warn',
    reasonCode: 'ok',
    verdict: `is back in ${request.environment}`,
    message: kind === 'finished' ? settled : `${settled} The ledger said so all along; ${now}.${leave}`,
    to: version,
  });
}

/** What a rollback came to; `from` is what the ledger said was live before it. */
export function finished(
  request: Asked,
  from: string | undefined,
  { settled }: Partial<Pick<Held, 'settled'>>,
  report: Finished,
  subject: Subject,
  difference: readonly DiffRow[] = [],
): RollbackOutcome {
  const { model, environment } = request;
  const { candidate, notes } = report.state;
  const seconds = secondsUntil(report);
  const common = {
    from: subject.kind === 'drifted' ? subject.served : from,
    live: report.live,
    steps: report.steps,
    checks: report.checks,
    notes: [...(settled === undefined ? [] : [settled.message]), ...notes],
    appendix: difference.length === 0 ? [] : diffSections(difference, 'Before'),
  };
  const failure = concludeFailure(report, {
    model,
    environment,
    whenRestored: 'verification-failed',
    reasons: REASONS,
  });
  if (failure !== undefined)
    return outcome(request, {
      ...common,
      ...failure,
      ...(candidate === null ? {} : { candidate: candidate.version }),
      to: servedVersion(report.live),
    });
  const to = candidate?.version;
  const drifted =
    subject.kind === 'drifted'
      ? ` ${subject.served} was served by other means than the ledger knows of; no version was quarantined. If it is ${to ?? 'nothing'} that is to be left, run this step with 'from: ${to ?? ''}'.`
      : '';
  // Where nothing is served there is nothing to verify.
  const success =
    candidate === null ? ({ decision: 'pass', reasonCode: 'ok' } as const) : successOf(report.checks);
  const verdict = to === undefined ? `is served no more in ${environment}` : `is back in ${environment}`;
  const traffic = `in traffic after ${(seconds['seconds-to-traffic'] ?? 0).toFixed(1)} s`;
  const verified = candidate === null ? '.' : `, ${verifiedClause(report.checks, seconds)}`;
  return outcome(request, {
    ...common,
    decision: drifted === '' && notes.length === 0 ? success.decision : 'warn',
    reasonCode: drifted === '' ? success.reasonCode : 'drifted',
    verdict,
    message: `${model}${to === undefined ? '' : ` ${to}`} ${verdict}: ${traffic}${verified}${quarantineNote(environmentOf(report.ledger, environment), from, to)}${request.hold ? ' Deployments are on hold.' : ''}${drifted} Reason: ${request.reason}`,
    to,
    result: seconds,
  });
}

/** The outcome when what is served turned out not to be what the ledger names. */
export function withWrongBytes(
  outcome: RollbackOutcome,
  { environment }: Pick<Asked, 'environment'>,
  { version, modelDigest }: KnownVersion,
): RollbackOutcome {
  const message = `LOOK AT ${environment} NOW: the bytes of ${version} on the target are not those that the ledger names (sha256:${modelDigest ?? 'unknown'}), though no file seemed to have changed. The server has loaded them. Deploy ${version}, which brings the right ones, or roll back further. ${outcome.message}`;
  return { ...outcome, decision: 'fail', reasonCode: 'evidence-mismatch', message };
}

function quarantineNote(
  { quarantined }: EnvironmentState,
  from: string | undefined,
  to: string | undefined,
): string {
  if (from === undefined || from === to) return '';
  return quarantined.has(from) ? ` ${from} is quarantined.` : ` ${from} is not quarantined.`;
}

/** What is known of what is served now: only a check that passed has verified anything. */
function verifiedClause(checks: readonly Check[], seconds: Pick<Result, 'seconds-to-verified'>): string {
  const verified = seconds['seconds-to-verified'];
  if (verified === undefined) {
    const why = checks.filter(({ verdict }) => verdict === 'not-checked').map(({ message }) => message);
    return ['but nothing was verified.', ...why].join(' ');
  }
  const passed = checks.filter(({ verdict }) => verdict === 'pass').map(({ check }) => check);
  const unread = checks.find(({ check, verdict }) => check === 'golden' && verdict === 'not-checked');
  const unasked = passed.includes('golden')
    ? ''
    : `; no prediction was compared${unread === undefined ? ', for there are no golden cases' : `: ${unread.message}`}`;
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
