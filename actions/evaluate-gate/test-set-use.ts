import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import type { TestSetUse } from '@sluice/core/gate/budget.ts';
import { findRemote } from '@sluice/core/ledger/remote.ts';
import { testSetUses, type Evaluation, type TestSetUses } from '@sluice/core/ledger/test-set-uses.ts';
import type { Candidate } from './candidate.ts';
import type { GateSettings } from './inputs.ts';

/** What the count is about: which test set judged which model. */
export interface CountRequest {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  readonly testSet: string | undefined;
  readonly candidate: Candidate;
}

/** Whether anything in the settings depends on how often the test set was used. */
function asksForCount({ budget }: GateSettings): boolean {
  return budget !== undefined;
}

/** Throws `bad-config` when uses are to be counted and it is not known of what; before anything is evaluated. */
export function needTestSet(settings: GateSettings): void {
  if (!asksForCount(settings) || settings.testData !== undefined) return;
  throw new UserError(
    'bad-config',
    "gate.budget counts how many models a test set has judged, but no test set is named. Set the input 'data' or data.test to its files.",
  );
}

/**
 * Counts that the candidate is judged by the test set, in the ledger; undefined when nobody asks for it. What cannot be
 * counted is said, with the reason: it never passes for counted.
 */
export async function countUse(request: CountRequest): Promise<TestSetUse | undefined> {
  const { context, settings, testSet } = request;
  if (!asksForCount(settings) || testSet === undefined) return undefined;
  let known: readonly Evaluation[] | undefined;
  try {
    const uses = await openUses(context, settings.model, testSet);
    known = await uses.read();
    const candidate = identityOf(request.candidate);
    const isNew = known.every((evaluation) => evaluation.candidate !== candidate);
    if (isNew && settings.dryRun) return uncounted(known, true, 'This is a dry run.');
    const list = isNew ? await uses.add({ candidate, at: new Date().toISOString() }) : known;
    const index = list.findIndex((evaluation) => evaluation.candidate === candidate);
    // A full list takes no more.
    return index < 0
      ? { kind: 'counted', position: list.length + 1, used: list.length + 1 }
      : { kind: 'counted', position: index + 1, used: list.length };
  } catch (error) {
    if (!(error instanceof UserError) || error.reasonCode === 'cancelled') throw error;
    return uncounted(known, settings.dryRun, error.message);
  }
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

function uncounted(known: readonly Evaluation[] | undefined, dryRun: boolean, why: string): TestSetUse {
  return { kind: 'uncounted', dryRun, why, ...(known === undefined ? {} : { used: known.length }) };
}

/** What was judged: the model, else its predictions, else its numbers. */
function identityOf({ modelDigest, predictions, logged }: Candidate): string {
  return modelDigest ?? predictions?.digest ?? sha256(JSON.stringify([...logged]));
}
