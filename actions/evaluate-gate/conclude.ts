import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import type { BaselineEvidence } from '@sluice/core/gate/kinds/metric/judge.ts';
import { MetricError, type Measurement } from '@sluice/core/gate/measurement.ts';
import { calibrationBins, type CalibrationBin } from '@sluice/core/gate/metrics/calibration.ts';
import type { CasesResult } from '@sluice/core/gate/kinds/cases/settle.ts';
import type { FairnessResult } from '@sluice/core/gate/kinds/fairness/settle.ts';
import type { ConditionResult } from '@sluice/core/gate/kinds/condition/settle.ts';
import type { ChangedRows } from '@sluice/core/gate/kinds/cases/judge.ts';
import {
  effectOfResult,
  type AnyResult,
  type GateVerdict,
  type RuleResult,
} from '@sluice/core/gate/verdict.ts';
import { SUMMARY_LIMIT } from '@sluice/core/report/markdown.ts';
import { fitSections, joinSections } from '@sluice/core/report/sections.ts';
import { baselineEntry, baselineNotes } from '@sluice/core/baseline/entry.ts';
import { budgetEntry, budgetNotes, describeBudget, isAboutBudget, type Budget } from './budget.ts';
import { annotationsOf } from '@sluice/core/review/annotations.ts';
import { conditionEntry } from '@sluice/core/gate/kinds/condition/entry.ts';
import { describeRequiredRows } from '@sluice/core/gate/kinds/condition/words.ts';
import {
  acknowledgementEntry,
  acknowledgementNote,
  timeText,
  type Acknowledgement,
} from '@sluice/core/review/acceptance.ts';
import type { FoundBaseline } from '@sluice/core/baseline/found.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { Reason, OUTPUTS } from './definition.ts';
import { UNKNOWN } from '@sluice/core/review/comment/leg-comment.ts';
import { writeEvidence, writtenRules } from './evidence.ts';
import type { PastVersion } from '@sluice/core/gate/report/history-chart.ts';
import type { GateSettings } from './inputs.ts';
import type { Announcement } from '@sluice/core/review/publish.ts';
import { hasNews, reportSections } from '@sluice/core/gate/report/report.ts';
import { isInformational } from '@sluice/core/gate/report/verdict-words.ts';
import {
  casesEntry,
  countVerdicts,
  fairnessEntry,
  ruleEntry,
  type GateResult,
} from '@sluice/core/gate/report/result.ts';
import { describeResult } from '@sluice/core/gate/report/sentences.ts';
import type { TestSet } from './test-set.ts';
import type { GateFolders } from './workspace.ts';

/** Everything a run found out. */
export interface GateFindings {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  readonly folders: GateFolders;
  readonly testSet: TestSet | undefined;
  readonly found: FoundBaseline;
  readonly candidate: Candidate;
  readonly results: readonly RuleResult[];
  readonly cases: readonly CasesResult[];
  readonly fairness: readonly FairnessResult[];
  readonly conditions: readonly ConditionResult[];
  /** Undefined where right and wrong are not known of both models. */
  readonly changed: ChangedRows | undefined;
  readonly verdict: GateVerdict;
  /** Undefined where nothing failed or nobody could be asked. */
  readonly acknowledgement: Acknowledgement | undefined;
  /** Digest of the numbers that fail, accepted or not. */
  readonly failing: string | undefined;
  /** Undefined where nobody counts how often the test set is used. */
  readonly budget: Budget | undefined;
  /** The commit that is judged. */
  readonly head: string | undefined;
  readonly isPullRequest: boolean;
  /** What a reader has to know about numbers that somebody else computed. */
  readonly trust: readonly string[];
  readonly baseline: BaselineEvidence;
  readonly history: readonly PastVersion[];
}

export interface Conclusion {
  readonly outcome: Outcome<Reason, (typeof OUTPUTS)[number]>;
  readonly announcement: Announcement;
}

/** Writes gate.json, report.md and the statement, and puts the verdict into words. */
export async function concludeGate(findings: GateFindings): Promise<Conclusion> {
  const { settings, folders, candidate, verdict, context } = findings;
  const all = allResults(findings);
  const message = verdictSentence(findings);
  const metrics = allMetrics(candidate, findings.results);
  const notes = notesOf(findings);
  for (const result of findings.conditions) context.log.info(describeRequiredRows(result));
  for (const result of all) context.log.info(`${result.verdict}: ${describeResult(result)}`);
  for (const note of notes) context.log.info(note);
  const sections = reportSections({
    model: settings.model,
    matrixKey: settings.matrixKey,
    decision: verdict.decision,
    accepted: verdict.reason === 'acknowledged',
    message,
    baseline: baselineEntry(findings.found, Date.now()),
    tried: findings.found.kind === 'none' ? findings.found.tried : [],
    headCommit: findings.head,
    isPullRequest: findings.isPullRequest,
    results: findings.results,
    cases: findings.cases,
    fairness: findings.fairness,
    conditions: findings.conditions,
    changed: findings.changed,
    metrics,
    baselineMetrics: baselineMetrics(findings),
    history: findings.history,
    calibration: calibrationOf(candidate),
    notes,
  });
  const report = path.join(folders.gate, 'report.md');
  await writeFile(report, joinSections(sections));
  await writeFile(
    path.join(folders.gate, 'gate.json'),
    `${JSON.stringify(gateRecord(findings, metrics), null, 2)}\n`,
  );
  const evidence = await writeEvidence(findings);
  const failed = all.filter((r) => ['fail', 'error'].includes(effectOfResult(r)));
  return {
    outcome: {
      decision: verdict.decision,
      reasonCode: verdict.reason,
      message,
      model: settings.model,
      outputs: { 'failed-rules': JSON.stringify([...new Set(failed.map((r) => r.id))]), report },
      result: resultOf(findings),
      evidence,
      summary: fitSections(
        sections,
        SUMMARY_LIMIT - 1024,
        'The report is longer than GitHub shows. All of it is in .sluice/gate/report.md.',
        'bytes',
      ),
    },
    announcement: {
      ending: verdict.decision,
      title: message,
      sections,
      annotations: annotationsOf(all, settings.ruleLines),
      accepted: verdict.reason === 'acknowledged',
      failing: verdict.decision === 'error' ? UNKNOWN : findings.failing,
      news: hasNews(all) || isAboutBudget(verdict),
    },
  };
}

/** What came of every rule, of any kind. */
export function allResults({ results, cases, fairness, conditions }: GateFindings): AnyResult[] {
  return [...results, ...cases, ...fairness, ...conditions];
}

/** The sentence that everything else explains. */
function verdictSentence(findings: GateFindings): string {
  const { verdict, found } = findings;
  const all = allResults(findings);
  const { decisive } = verdict;
  if (verdict.reason === 'no-baseline' && found.kind === 'none') {
    return `There is no baseline to compare with: ${found.tried.join('; ')}.`;
  }
  if (findings.budget !== undefined && isAboutBudget(verdict))
    return describeBudget(findings.budget).sentence;
  if (verdict.reason === 'new-baseline') return 'Every absolute limit holds; there is no baseline yet.';
  if (decisive === undefined || verdict.decision === 'pass') {
    return passingSentence(all);
  }
  if (verdict.reason === 'acknowledged' && findings.acknowledgement?.kind === 'accepted') {
    const { by, at } = findings.acknowledgement.acceptance;
    const others = all.filter((r) => r.verdict === 'acknowledged').length - 1;
    return `${by} accepted on ${timeText(at)} that ${describeResult(decisive)}${others === 0 ? '' : ` And ${others} more.`}`;
  }
  const effect = effectOfResult(decisive);
  const alike = all.filter((r) => effectOfResult(r) === effect).length - 1;
  return `${describeResult(decisive)}${alike === 0 ? '' : ` And ${alike} more.`}`;
}

function passingSentence(results: readonly AnyResult[]): string {
  const { passed, inconclusive } = countVerdicts(results);
  const informing = results.filter(isInformational).length;
  const holding = passed - informing;
  const rest =
    informing === 0 ? '' : ` ${informing} that only inform${informing === 1 ? 's does' : ' do'} not.`;
  if (inconclusive > 0) {
    return `${holding} of ${holding + inconclusive} checks hold, of the rest the rows cannot tell.${rest}`;
  }
  return `${holding === 1 ? 'The one check holds.' : `All ${holding} checks hold.`}${rest}`;
}

/** What was logged, and over it what was computed for rules on all rows. */
function allMetrics(
  { logged, modelBytes }: Candidate,
  results: readonly RuleResult[],
): Map<string, Measurement> {
  const computed = results
    .filter((r) => r.slice === undefined && r.candidate !== undefined)
    .map((r) => [r.rule.metric, { kind: 'value', value: r.candidate as number }] as const);
  const size =
    modelBytes === undefined ? [] : [['model-bytes', { kind: 'value', value: modelBytes }] as const];
  return new Map<string, Measurement>([...logged, ...size, ...computed]);
}

/** The same of the baseline, as far as it may be compared. */
function baselineMetrics({ baseline, results }: GateFindings): Map<string, Measurement> {
  const logged = baseline.kind === 'present' && baseline.logged.kind === 'same' ? baseline.logged.value : [];
  const computed = results
    .filter((r) => r.slice === undefined && r.baseline !== undefined)
    .map((r) => [r.rule.metric, { kind: 'value', value: r.baseline as number }] as const);
  return new Map<string, Measurement>([...logged, ...computed]);
}

/** Scores that are no probabilities of one of two classes have no reliability diagram; a rule on them says why. */
function calibrationOf({ predictions }: Candidate): CalibrationBin[] {
  if (predictions?.sample.score === undefined) return [];
  try {
    return calibrationBins(predictions.sample);
  } catch (error) {
    if (error instanceof MetricError) return [];
    throw error;
  }
}

function notesOf(findings: GateFindings): string[] {
  const { candidate, verdict, budget, found, settings, trust } = findings;
  const notes = [
    ...acknowledgementNote(findings.acknowledgement),
    ...trust,
    ...baselineNotes(found, settings.baseline.maxAge),
    ...budgetNotes(budget, verdict),
    ...(findings.testSet?.s3.notes ?? []),
  ];
  if (settings.fromFork) {
    notes.push('No model is vouched for, and no statement is written.');
  } else if (candidate.modelDigest === undefined) {
    notes.push(
      "Only numbers were judged and no model, so no model is vouched for and no statement is written. Set 'model-path' to have one.",
    );
  } else if (candidate.predictionsFile === undefined) {
    notes.push(
      'The numbers were given and not measured here; that they belong to this model is taken on trust.',
    );
  }
  if (verdict.reason === 'new-baseline')
    notes.push('This is the first version: what needs a baseline was not checked.');
  return notes;
}

/** What a later gate reads when this model is its baseline. */
function gateRecord(
  { candidate, testSet, settings }: GateFindings,
  metrics: ReadonlyMap<string, Measurement>,
): object {
  const values = [...metrics].flatMap(([name, m]) => (m.kind === 'value' ? [[name, m.value] as const] : []));
  return {
    'schema-version': 1,
    model: settings.model,
    'model-digest': candidate.modelDigest ?? null,
    'test-set-digest': testSet?.digest ?? null,
    predictions: candidate.predictionsFile ?? null,
    metrics: Object.fromEntries(values),
    rules: writtenRules(settings),
  };
}

function resultOf(findings: GateFindings): GateResult {
  const { candidate, testSet, found, results, cases, fairness, changed } = findings;
  return {
    'model-digest': candidate.modelDigest ?? null,
    'test-set-digest': testSet?.digest ?? null,
    baseline: baselineEntry(found, Date.now()),
    rules: results.map(ruleEntry),
    cases: cases.map(casesEntry),
    fairness: fairness.map(fairnessEntry),
    conditions: findings.conditions.map(conditionEntry),
    'changed-rows':
      changed === undefined ? null : { rows: changed.rows, broke: changed.broke, fixed: changed.fixed },
    budget: budgetEntry(findings.budget),
    acknowledgement: acknowledgementEntry(findings.acknowledgement),
    summary: countVerdicts(allResults(findings)),
  };
}
