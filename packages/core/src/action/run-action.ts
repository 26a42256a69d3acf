import * as core from '@actions/core';
import { stepContext, type ActionContext } from './context.ts';
import { CancelledError, UnknownOutcomeError, fileRefusal, isUserError } from './errors.ts';
import { inert, plain } from './log.ts';
import type { Outcome } from './outcome.ts';
import { renderSummary } from '../report/summary.ts';
import { isListed, type CommonReason, type ReasonCode, type ReasonRows } from './reasons.ts';
import { documentWithoutSecrets } from './secrets.ts';
import { modelInQuestion } from './subject.ts';
import { VERSION } from './version.ts';

/** What the run loop needs to know of an action; `load` keeps heavy modules out of the start. */
export interface ActionDefinition<Input extends string, Output extends string, Reason extends ReasonCode> {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly reasons: ReasonRows<Reason>;
  /** The headline's verdict about a model when an error ended the step: that it was not, or that nobody could find out. */
  readonly verdicts: Readonly<Record<'fail' | 'error', string>>;
  readonly load: () => Promise<{
    run: (context: ActionContext<Input>) => Promise<Outcome<Reason | CommonReason, Output>>;
  }>;
}

const BUGS = 'https://github.com/sluice-ml/sluice/issues';

/** Runs an action from first line to exit code. The only place that catches. */
export async function runAction<Input extends string, Output extends string, Reason extends ReasonCode>(
  action: ActionDefinition<Input, Output, Reason>,
): Promise<void> {
  core.info(`Sluice ${VERSION}: ${action.name}`);
  const cancellation = new AbortController();
  const cancel = (name: NodeJS.Signals): void => cancellation.abort(new CancelledError(name));
  // For as long as the process lives: a second signal must cut neither the cleaning up nor the report short.
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  let outcome: Outcome;
  try {
    const context = await stepContext(action.inputs, cancellation.signal);
    outcome = await (await action.load()).run(context);
  } catch (error) {
    const knowsMore = error instanceof UnknownOutcomeError;
    const cause: unknown = cancellation.signal.aborted && !knowsMore ? cancellation.signal.reason : error;
    outcome = outcomeOfError(action.name, cause);
    if (error !== cause) describeCause(error);
  }
  await report(
    action,
    isListed(action.reasons, outcome.reasonCode) ? outcome : foreign(action.name, outcome),
  );
  // A library may hold a request that cannot be stopped, and the runner waits for the process.
  if (cancellation.signal.aborted) process.stdout.write('', () => process.exit());
}

/** A reason that the action does not document is a bug in Sluice; what was done and found out stays in the outcome. */
function foreign(name: string, outcome: Outcome): Outcome {
  core.info(inert(`The reason '${outcome.reasonCode}' is none of ${name}'s: ${outcome.message}`));
  return { ...outcome, decision: 'error', reasonCode: 'internal', message: bug(name, outcome.message) };
}

function outcomeOfError(name: string, thrown: unknown): Outcome {
  const error = isUserError(thrown) ? thrown : (fileRefusal(thrown) ?? thrown);
  if (isUserError(error)) {
    if (error.cause !== undefined) describeCause(error.cause);
    return {
      decision: error.decision,
      reasonCode: error.reasonCode,
      message: error.message,
      outputs: {},
      result: {},
    };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  core.info(inert(stack));
  const message = bug(name, `${error instanceof Error ? error.message : String(error)}.`);
  return { decision: 'error', reasonCode: 'internal', message, outputs: {}, result: {} };
}

function bug(name: string, what: string): string {
  return `Internal error in ${name}: ${what} This is a bug in Sluice; please report it with the log above at ${BUGS}.`;
}

function describeCause(cause: unknown): void {
  core.info(inert(`Cause: ${cause instanceof Error ? cause.message : String(cause)}`));
}

/** What is told of an outcome needs of its action. */
type Teller<Reason extends ReasonCode> = Pick<
  ActionDefinition<string, string, Reason>,
  'name' | 'reasons' | 'verdicts'
>;

async function report<Reason extends ReasonCode>(action: Teller<Reason>, found: Outcome): Promise<void> {
  const { name } = action;
  const outcome = presentable(found);
  const result = {
    'schema-version': 1,
    action: name,
    decision: outcome.decision,
    'reason-code': outcome.reasonCode,
    message: outcome.message,
    ...(outcome.model === undefined ? {} : { model: outcome.model }),
    ...outcome.result,
  };
  for (const [key, value] of Object.entries(outcome.outputs)) core.setOutput(key, value);
  core.setOutput('decision', outcome.decision);
  core.setOutput('reason-code', outcome.reasonCode);
  core.setOutput('result', JSON.stringify(result));
  core.setOutput('evidence', outcome.evidence ?? '');
  await writeSummary(action, outcome);
  announce(name, outcome);
}

/** Nothing leaves the step with a secret in it, or with characters that make it read as something else. */
function presentable(outcome: Outcome): Outcome {
  const { message, outputs, result, ...rest } = outcome;
  return {
    ...rest,
    message: plain(message),
    outputs: documentWithoutSecrets(outputs),
    result: documentWithoutSecrets(result),
  };
}

async function writeSummary<Reason extends ReasonCode>(
  action: Teller<Reason>,
  outcome: Outcome,
): Promise<void> {
  if (!process.env['GITHUB_STEP_SUMMARY']) return;
  await core.summary.addRaw(plain(summaryOf(action, outcome)), true).write();
}

/** A step without a summary of its own still explains itself there. */
function summaryOf<Reason extends ReasonCode>(
  { reasons, verdicts }: Teller<Reason>,
  { decision, reasonCode, message, summary, model = modelInQuestion() }: Outcome,
): string {
  const warns = decision === 'warn';
  const good = decision === 'pass' || reasonCode === 'ok';
  // A reason of the suite's own has a remedy of its own; the messages of the others say all there is to say.
  const remedy = isOwn(reasons, reasonCode) ? reasons[reasonCode].remedy : undefined;
  const reason = good ? undefined : { code: reasonCode, remedy };
  if (summary !== undefined) return renderSummary(summary, { message, warns, reason });
  const verdict = decision === 'fail' || decision === 'error' ? verdicts[decision] : 'is done';
  return renderSummary({ headline: { model, verdict }, changed: [], rest: [] }, { message, warns, reason });
}

function isOwn<Reason extends ReasonCode>(reasons: ReasonRows<Reason>, code: ReasonCode): code is Reason {
  return Object.hasOwn(reasons, code);
}

function announce(name: string, outcome: Outcome): void {
  const text = `${outcome.message} (${outcome.reasonCode})`;
  if (outcome.decision === 'fail' || outcome.decision === 'error') {
    core.error(text, { title: `${name}: ${outcome.decision}` });
    process.exitCode = 1;
  } else if (outcome.decision === 'warn') {
    core.warning(text, { title: `${name}: warning` });
  } else {
    core.info(inert(`${name}: ${outcome.message}`));
  }
}
