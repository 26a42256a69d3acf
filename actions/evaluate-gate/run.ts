import type { ActionContext } from '@sluice/core/action/context.ts';
import { errorMessage, isUserError } from '@sluice/core/action/errors.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import { removeScratch } from '@sluice/core/action/scratch.ts';
import { budgetProblem } from '@sluice/core/gate/budget.ts';
import { changedRows } from '@sluice/core/gate/changed-rows.ts';
import { withBudget, withDoubts } from '@sluice/core/gate/gate-verdict.ts';
import { countsRows, judge } from '@sluice/core/gate/judge.ts';
import { usesTestSetUp, withUse } from '@sluice/core/gate/limited-use.ts';
import type { MeasuredCandidate } from '@sluice/core/gate/measured-models.ts';
import type { HeldRows } from '@sluice/core/gate/held-rows.ts';
import { withDataFolder } from '@sluice/core/pins/bring/folders.ts';
import { findCheckedOut } from '@sluice/core/ledger/checked-out.ts';
import { baselineLines } from '@sluice/core/baseline/entry.ts';
import { findBaseline, type Surroundings } from '@sluice/core/baseline/finding.ts';
import type { Doubt } from '@sluice/core/gate/doubt.ts';
import type { Models } from '@sluice/core/gate/kinds/kind.ts';
import { measureBaseline } from '@sluice/core/baseline/measuring.ts';
import { workflowsRegister } from '@sluice/core/baseline/registering.ts';
import type { FoundBaseline } from '@sluice/core/baseline/found.ts';
import type { BaselineRequest } from '@sluice/core/baseline/request.ts';
import { setAside } from '@sluice/core/gate/set-aside.ts';
import { UNKNOWN_TEST_SET, differentTestSet, needTestSet } from '@sluice/core/gate/test-set-doubts.ts';
import { measureCandidate, type Candidate } from '@sluice/core/measuring/candidate.ts';
import { UNKNOWN } from '@sluice/core/review/comment/leg-comment.ts';
import type { INPUTS, OUTPUTS, Reason } from './definition.ts';
import { concludeGate, type ShownVerdict } from './conclude.ts';
import { forkPull } from '@sluice/core/review/fork/pull.ts';
import { readHistory } from '@sluice/core/baseline/history.ts';
import { readSettings, type GateSettings } from './inputs.ts';
import { heldAgainst, rowsDoubt } from '@sluice/core/measuring/held-against.ts';
import { checkLabels } from '@sluice/core/review/fork/labels.ts';
import { ledgerReader } from '@sluice/core/baseline/ledger-reader.ts';
import { readClusters } from '@sluice/core/measuring/clusters.ts';
import { PredictionsReader } from '@sluice/core/measuring/predictions-reader.ts';
import { acknowledged } from './acknowledge.ts';
import { Publisher } from '@sluice/core/review/publish.ts';
import { findSubject, type Subject } from '@sluice/core/review/subject.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import { headlineSection, reasonSection } from '@sluice/core/report/summary.ts';
import { findRuleChanges } from './rule-changes.ts';
import { branchBehind } from './branch-behind.ts';
import { carriedEvidence } from './carried.ts';
import { budgetOf, countUse, countedTestSet, requireTestSet } from './test-set-use.ts';
import { leakDoubts, trainingRows } from './training.ts';
import { readTestSet, testRowsOf, type TestSet } from './test-set.ts';
import { prepareFolders, removeOldVerdict } from './workspace.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;
type GateOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

/** Judges the candidate, writes what later steps read, and shows the verdict. */
export async function run(context: Context): Promise<GateOutcome> {
  await removeOldVerdict(context.directory);
  const foreign = await forkPull(context);
  const settings = await readSettings(context, foreign !== undefined);
  requireTestSet(settings);
  const subject: Subject =
    foreign === undefined
      ? await findSubject(context)
      : { kind: 'known', headSha: foreign.headSha, pull: foreign };
  const publisher = await Publisher.open(context, settings, subject);
  try {
    context.signal.throwIfAborted();
    const { outcome, announcement } = await gate(context, settings, subject, publisher);
    await publisher.announce(announcement);
    return outcome;
  } catch (error) {
    const cancelled = context.signal.aborted;
    const cause: unknown = cancelled ? context.signal.reason : error;
    await publisher.announce({
      ending: cancelled ? 'cancelled' : 'error',
      title: cancelled ? 'Cancelled' : 'Could not be judged',
      sections: unjudged(settings, cause),
      annotations: [],
      acknowledged: false,
      failing: UNKNOWN,
      news: true,
    });
    throw error;
  }
}

async function gate(
  given: Context,
  settings: GateSettings,
  subject: Subject,
  publisher: Publisher,
): Promise<ShownVerdict> {
  const pull = subject.kind === 'known' ? subject.pull : undefined;
  const folders = await prepareFolders(given);
  try {
    const testSet = await readTestSet(given, settings);
    const context = testSet === undefined ? given : withDataFolder(given, testSet.s3);
    const reader = new PredictionsReader(context, settings);
    const readLedger = ledgerReader(context, settings.model);
    const found = await findBaseline(settings.baseline, {
      ...surroundings(context, settings, folders.scratch),
      readLedger,
      pull,
    });
    for (const line of baselineLines(found)) context.log.info(line);
    const counted = await countedTestSet(settings, testSet, reader);
    const { candidate, held } = await measured(context, settings, { testSet, reader, folder: folders.gate });
    const { scratch } = folders;
    const request = { context, settings, scratch, reader, candidate };
    const compared = await measureBaseline(found, { ...request, ...testSetParts(testSet) });
    const trust =
      settings.fromFork && candidate.predictions !== undefined
        ? checkLabels(candidate.predictions, held, compared)
        : [];
    const { onDifferentTestSet } = settings.baseline;
    const baseline = onDifferentTestSet === 'fail' ? compared : setAside(compared);
    const models = {
      candidate: measuredCandidate(candidate, readClusters(candidate.predictions, settings.columns)),
      baseline,
      certainty: settings.certainty,
    };
    const drafts = judge(settings.rules, models);
    const training = testSet && (await trainingRows(context, settings, { testSet, candidate, reader }));
    const doubts = [
      differentTestSet(baseline, onDifferentTestSet, drafts),
      startsUnknown({ settings, testSet, found, models }),
      rowsDoubt(held),
      ...(await leakDoubts({ testSet, training, baseline, found }, reader)),
    ].filter((doubt) => doubt !== undefined);
    context.signal.throwIfAborted();
    // Counts this use, so it comes after everything that may fail.
    const use = await countUse({ ...request, counted, isAccepted: usesTestSetUp(drafts) });
    const budget = budgetOf(settings, use);
    const judged = await acknowledged(use === undefined ? drafts : withUse(drafts, use), {
      context,
      settings,
      publisher,
      found,
    });
    const verdict = withDoubts(
      withBudget(judged.verdict, budget && budgetProblem(budget.evaluations, budget.use)),
      doubts,
    );
    return await concludeGate({
      context,
      settings,
      folders,
      testSet,
      found,
      candidate,
      ...judged,
      changed: countsRows(settings.rules) ? changedRows(models.candidate, baseline) : undefined,
      held,
      training,
      doubts,
      verdict,
      budget,
      head: pull?.headSha ?? (await findCheckedOut(context.directory)),
      subject,
      behind: await branchBehind(context, { settings, found, verdict, pull }),
      carried: await carriedEvidence(context, settings, candidate),
      rules: await findRuleChanges(context, settings, pull),
      trust,
      baseline,
      history: await readHistory(found, readLedger),
    });
  } finally {
    await removeScratch(folders.scratch);
  }
}

/** What sources of a baseline may look at. */
function surroundings(
  context: ActionContext,
  { base, testData, written }: GateSettings,
  scratch: string,
): Omit<Surroundings, 'readLedger' | 'pull'> {
  const mayRegister = async (): Promise<boolean> =>
    written.config.registry !== undefined || workflowsRegister(context.directory);
  return { context, base, scratch, testData, mayRegister };
}

/** The doubt about a first model with which no later one can be compared: its test set is not known. */
function startsUnknown({
  settings: { rules, evaluation },
  testSet,
  found,
  models,
}: {
  readonly settings: GateSettings;
  readonly testSet: TestSet | undefined;
  readonly found: FoundBaseline;
  readonly models: Models;
}): Doubt | undefined {
  if (found.kind !== 'none' || evaluation !== undefined || testSet !== undefined) return undefined;
  return needTestSet(rules, models) ? UNKNOWN_TEST_SET : undefined;
}

/** What is known of the test set, and its files as far as they lie in the checkout. */
function testSetParts(testSet: TestSet | undefined): Pick<BaselineRequest, 'testSet' | 'testFiles'> {
  const here = testSet?.files.filter(({ origin }) => origin === undefined) ?? [];
  return {
    testSet: { sha256: testSet?.digest, md5: testSet?.md5 },
    testFiles: here.map(({ absolute }) => absolute),
  };
}

/** Measures the candidate, and holds what was evaluated against the test set as it was before the command could write to it. */
async function measured(
  context: Context,
  settings: GateSettings,
  at: { readonly testSet: TestSet | undefined; readonly reader: PredictionsReader; readonly folder: string },
): Promise<{ readonly candidate: Candidate; readonly held: HeldRows | undefined }> {
  const testRows = await testRowsOf(settings, at.testSet, at.reader);
  const candidate = await measureCandidate(context, settings, at.folder, at.reader);
  if (candidate.predictions === undefined || testRows === undefined) return { candidate, held: undefined };
  return { candidate, held: heldAgainst(candidate.predictions, testRows, settings.fromFork) };
}

/** What the rules may look at of the candidate. */
function measuredCandidate(
  { predictions, logged, model }: Candidate,
  clusters: MeasuredCandidate['clusters'],
): MeasuredCandidate {
  return {
    ...predictions,
    logged,
    column: predictions?.column ?? (() => undefined),
    ...(clusters === undefined ? {} : { clusters }),
    ...(model === undefined ? {} : { modelBytes: model.bytes }),
  };
}

function unjudged({ model, matrixKey }: GateSettings, error: unknown): Section[] {
  const code = isUserError(error) ? error.reasonCode : 'internal';
  const headline = { model, matrixKey, verdict: 'could not be judged' };
  return [headlineSection(headline, { message: errorMessage(error), warns: false }), reasonSection({ code })];
}
