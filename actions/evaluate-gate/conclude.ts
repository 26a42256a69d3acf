import * as path from 'node:path';
import { writeBelow } from '@sluice/core/action/below.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import { baselineEntry } from '@sluice/core/baseline/entry.ts';
import { hasChanges } from '@sluice/core/gate/changed-rules.ts';
import { effectOf } from '@sluice/core/gate/gate-verdict.ts';
import { knownBaselineMetrics, knownMetrics } from '@sluice/core/gate/known-metrics.ts';
import { describeNeeds } from '@sluice/core/gate/limited-use.ts';
import { whySetAside } from '@sluice/core/gate/set-aside.ts';
import { calibrationOf } from '@sluice/core/gate/metrics/calibration.ts';
import { isAboutBudget } from '@sluice/core/gate/report/budget-words.ts';
import type { GateReport } from '@sluice/core/gate/report/gate-report.ts';
import { headline } from '@sluice/core/gate/report/headline.ts';
import { hasNews, reasonsOf, reportSections } from '@sluice/core/gate/report/report.ts';
import { describeResult } from '@sluice/core/gate/report/sentences.ts';
import { verdictSentence } from '@sluice/core/gate/report/verdict-sentence.ts';
import { joinSections } from '@sluice/core/report/sections.ts';
import { timeText } from '@sluice/core/review/acknowledgement.ts';
import { annotationsOf } from '@sluice/core/review/annotations.ts';
import { UNKNOWN } from '@sluice/core/review/comment/leg-comment.ts';
import type { Announcement } from '@sluice/core/review/publish.ts';
import type { OUTPUTS, Reason } from './definition.ts';
import { writeEvidence } from './evidence.ts';
import type { GateFindings } from './findings.ts';
import { notesOf } from './notes.ts';
import { gateRecord } from './record.ts';
import { resultOf } from './result.ts';

export interface ShownVerdict {
  readonly outcome: Outcome<Reason, (typeof OUTPUTS)[number]>;
  readonly announcement: Announcement;
}

/** Writes gate.json, report.md and the statement, and puts the verdict into words. */
export async function concludeGate(findings: GateFindings): Promise<ShownVerdict> {
  const { settings, folders, candidate, verdict, results, context } = findings;
  const message = messageOf(findings);
  const notes = notesOf(findings);
  for (const line of describeNeeds(results)) context.log.info(line);
  for (const result of results) context.log.info(`${result.verdict}: ${describeResult(result)}`);
  for (const note of notes) context.log.info(note);
  const metrics = knownMetrics(candidate, results);
  const shown = reportOf(findings, message, notes);
  const sections = reportSections(shown);
  const report = path.join(folders.gate, 'report.md');
  await writeBelow(context.directory, report, joinSections(sections));
  await writeBelow(
    context.directory,
    path.join(folders.gate, 'gate.json'),
    `${JSON.stringify(gateRecord(findings, metrics), null, 2)}\n`,
  );
  const evidence = await writeEvidence(findings);
  const failed = results.filter((result) => ['fail', 'error'].includes(effectOf(result)));
  return {
    outcome: {
      decision: verdict.decision,
      reasonCode: verdict.reason,
      message,
      model: settings.model,
      outputs: { 'failed-rules': JSON.stringify([...new Set(failed.map(({ id }) => id))]), report },
      result: resultOf(findings),
      evidence,
      summary: {
        headline: headline(shown),
        changed: [],
        tellsTodo: false,
        rest: reasonsOf(shown),
        elsewhere: 'The report is longer than GitHub shows. All of it is in .sluice/gate/report.md.',
      },
    },
    announcement: {
      ending: verdict.decision,
      title: message,
      sections,
      annotations: annotationsOf(results, settings.ruleLines),
      acknowledged: verdict.reason === 'acknowledged',
      failing: verdict.decision === 'error' ? UNKNOWN : findings.failing,
      news: hasNews(results) || isAboutBudget(verdict) || hasChanges(findings.rules),
    },
  };
}

function reportOf(findings: GateFindings, message: string, notes: readonly string[]): GateReport {
  const { settings, candidate, verdict, baseline, results, subject } = findings;
  return {
    model: settings.model,
    matrixKey: settings.matrixKey,
    decision: verdict.decision,
    accepted: verdict.reason === 'acknowledged',
    message,
    baseline: baselineEntry(findings.found, Date.now()),
    tried: triedOf(findings),
    headCommit: findings.head,
    isPullRequest: subject.kind === 'known' && subject.pull !== undefined,
    results,
    changed: findings.changed,
    rules: findings.rules,
    metrics: knownMetrics(candidate, results),
    baselineMetrics: knownBaselineMetrics(baseline, results),
    history: findings.history,
    calibration: calibrationOf(candidate.predictions?.sample),
    notes,
  };
}

/** The verdict's sentence, and what a reader has to know to understand it. */
function messageOf(findings: GateFindings): string {
  const { found, baseline, behind } = findings;
  const sentence = verdictSentence({
    ...findings,
    tried: triedOf(findings),
    never: found.kind === 'none' ? found.never : undefined,
    aside: whySetAside(baseline),
    accepted: acceptedOf(findings),
  });
  return behind === undefined ? sentence : `${sentence} ${behind}`;
}

function triedOf({ found }: GateFindings): readonly string[] {
  return found.kind === 'none' ? found.tried : [];
}

function acceptedOf({ acknowledgement }: GateFindings): { by: string; on: string } | undefined {
  if (acknowledgement?.kind !== 'acknowledged') return undefined;
  const { by, at } = acknowledgement;
  return { by, on: timeText(at) };
}
