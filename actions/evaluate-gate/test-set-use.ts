import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError, isUserError } from '@sluice/core/action/errors.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import { useLimits } from '@sluice/core/gate/limited-use.ts';
import type { Budget } from '@sluice/core/gate/report/budget-words.ts';
import type { TestSetUse } from '@sluice/core/gate/test-set-use.ts';
import { findRemote } from '@sluice/core/ledger/remote.ts';
import {
  MOST_EVALUATIONS,
  testSetUses,
  withEvaluation,
  type Evaluation,
  type TestSetUses,
} from '@sluice/core/ledger/test-set-uses.ts';
import type { Reason } from './definition.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { GateSettings } from './inputs.ts';
import type { PredictionsReader } from '@sluice/core/measuring/predictions-reader.ts';
import type { TestSet } from './test-set.ts';

/** What the count is about: which test set judged which model. */
export interface CountRequest {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  /** What identifies the test set; undefined where nobody counts. */
  readonly counted: string | undefined;
  readonly candidate: Candidate;
  /** Whether a rule accepted it after which the test set is used up. */
  readonly isAccepted: boolean;
}

/** Whether anything in the settings depends on how often the test set was used. */
function asksForCount({ budget, rules }: GateSettings): boolean {
  return budget !== undefined || useLimits(rules).length > 0;
}

/** Throws `bad-config` when uses are to be counted and it is not known of what; before anything is evaluated. */
export function requireTestSet(settings: GateSettings): void {
  if (!asksForCount(settings) || settings.testData !== undefined) return;
  const [first] = useLimits(settings.rules);
  const asking = settings.budget === undefined && first !== undefined ? first.asking : 'gate.budget';
  throw new UserError<Reason>(
    'bad-config',
    `${asking} depends on how many models the test set has judged, but no test set is named. Set the input 'data' or data.test to its files.`,
  );
}

/** What identifies the test set, as it is before a command can write to it; undefined where nobody counts. */
export async function countedTestSet(
  settings: GateSettings,
  testSet: TestSet | undefined,
  reader: PredictionsReader,
): Promise<string | undefined> {
  if (!asksForCount(settings) || testSet === undefined) return undefined;
  return reader.digestTestSet(testSet.files);
}

/**
 * Counts that the candidate is judged by the test set, in the ledger; undefined when nobody asks for it. What cannot be
 * counted is said, with the reason: it never passes for counted.
 */
export async function countUse(request: CountRequest): Promise<TestSetUse | undefined> {
  const { context, settings, counted: testSet, isAccepted } = request;
  if (testSet === undefined) return undefined;
  const evaluation: Evaluation = {
    candidate: identityOf(request.candidate),
    at: new Date().toISOString(),
    ...(isAccepted ? { accepted: true } : {}),
  };
  let known: readonly Evaluation[] | undefined;
  try {
    const uses = await openUses(context, settings.model, testSet);
    known = await uses.read();
    const isNews = withEvaluation(known, evaluation) !== known;
    if (isNews && settings.dryRun) return uncounted(known, true, 'This is a dry run.');
    return counted(isNews ? await uses.add(evaluation) : known, evaluation);
  } catch (error) {
    if (!isUserError(error) || error.reasonCode === 'cancelled') throw error;
    return uncounted(known, settings.dryRun, error.message);
  }
}

/** The budget that the settings give, else the least that rules set as a limit; undefined where nobody counts. */
export function budgetOf(
  { budget, certainty, rules }: GateSettings,
  use: TestSetUse | undefined,
): Budget | undefined {
  if (use === undefined) return undefined;
  const evaluations = budget ?? Math.min(...useLimits(rules).map(({ steps }) => steps));
  return { evaluations, use, confidence: certainty.confidence, mostCounted: MOST_EVALUATIONS };
}

/** A candidate that a full list did not take comes after all of it. */
function counted(list: readonly Evaluation[], { candidate }: Evaluation): TestSetUse {
  const index = list.findIndex((evaluation) => evaluation.candidate === candidate);
  const before = index < 0 ? list : list.slice(0, index);
  return {
    kind: 'counted',
    position: before.length + 1,
    used: Math.max(list.length, before.length + 1),
    isUsedUp: before.some(({ accepted }) => accepted === true),
  };
}

function uncounted(known: readonly Evaluation[] | undefined, dryRun: boolean, why: string): TestSetUse {
  return {
    kind: 'uncounted',
    dryRun,
    why,
    ...(known === undefined ? {} : { used: known.length }),
    isUsedUp: known?.some(({ accepted }) => accepted === true) ?? false,
  };
}

async function openUses(
  { directory, env, inputs, signal }: ActionContext,
  model: string,
  testSet: string,
): Promise<TestSetUses> {
  const token = inputs['github-token'];
  const access = await findRemote({ directory, token, serverUrl: env['GITHUB_SERVER_URL'], signal });
  return testSetUses(access, model, testSet, signal);
}

/** What was judged: the model, else its predictions, else its numbers. */
function identityOf({ model, predictions, logged }: Candidate): string {
  return model?.sha256 ?? predictions?.digest ?? sha256(JSON.stringify([...logged]));
}
