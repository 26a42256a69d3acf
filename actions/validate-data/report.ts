import type { Decision } from '@sluice/core/action/outcome.ts';
import type { DriftResult } from '@sluice/core/data/drift.ts';
import { formatCount, type RuleResult } from '@sluice/core/data/rule-result.ts';
import type { RowPlace } from '@sluice/core/data/table.ts';
import {
  SUMMARY_LIMIT,
  code,
  codeBlock,
  details,
  escapeMarkdown,
  table,
  truncate,
} from '@sluice/core/report/markdown.ts';
import { notesSection } from '@sluice/core/pins/bring/notes.ts';
import type { DataSet } from './inputs.ts';
import type { StageCheck } from './pipeline.ts';
import type { SuggestedContract } from './suggest.ts';

/** What the job summary shows. */
export interface Story {
  readonly decision: Decision;
  readonly message: string;
  readonly data: readonly (DataSet & { readonly rows: number })[];
  readonly rules: readonly RuleResult[];
  readonly drift: readonly DriftResult[];
  /** Paths relative to the checkout. */
  readonly contract: string | undefined;
  /** A contract to review, where there is none. */
  readonly suggested?: SuggestedContract | undefined;
  readonly profile: string;
  readonly s3Notes: readonly string[];
  readonly stages: readonly StageCheck[];
}

const MOST_ROWS = 100;

/** The job summary: verdict sentence, data sets, then only what failed, warns or drifts; the rest folded. */
export function summary(story: Story): string {
  const { rules, drift } = story;
  const notable = rules.filter((rule) => rule.verdict !== 'pass' && rule.verdict !== 'info');
  const passed = rules.filter((rule) => rule.verdict === 'pass');
  const info = rules.filter((rule) => rule.verdict === 'info');
  const drifting = drift.filter((d) => d.verdict === 'warn');
  const contract = story.contract === undefined ? 'no contract' : `contract ${code(story.contract)}`;
  const text = [
    `### validate-data: ${story.decision}`,
    escapeMarkdown(story.message),
    ...(story.suggested === undefined ? [] : [suggestedPart(story.suggested)]),
    dataTable(story),
    ...notesSection(story.s3Notes),
    ...recordedLines(story),
    ...(notable.length === 0 ? [] : ['#### Rules that do not hold', rulesTable(notable)]),
    ...(drifting.length === 0 ? [] : ['#### Drift', driftTable(drifting)]),
    ...(drift.length > 0 && drifting.length === 0 ? [`No drift in ${drift.length} comparisons.`] : []),
    ...(passed.length === 0 ? [] : [details(`${passed.length} rules hold`, namesOf(passed))]),
    ...(info.length === 0 ? [] : [details(`${info.length} notes: not checked`, rulesList(info))]),
    `Judged by ${contract}. Shares are of all rows. The profile is ${code(story.profile)}.`,
  ].join('\n\n');
  return truncate(text, SUMMARY_LIMIT, 'The rest is in the output result.', 'bytes');
}

/** The runner is gone after the job, so the text is here, whole to copy, with what keeps the file itself. */
function suggestedPart({ file, text }: SuggestedContract): string {
  const keep = `- if: failure()\n  uses: actions/upload-artifact@v7\n  with: { name: suggested-contract, path: ${JSON.stringify(file)}, include-hidden-files: true }`;
  return [
    details('The suggested contract, to read, to correct and to commit', codeBlock(text)),
    details('A step after this one that keeps the file as an artifact', codeBlock(keep)),
  ].join('\n\n');
}

function dataTable({ data }: Story): string {
  return table(
    ['data', '>files', '>rows', '>bytes', 'digest'],
    data.map((set) => [
      escapeMarkdown(set.name),
      String(set.files.length),
      formatCount(set.rows),
      formatCount(set.bytes),
      code(`sha256:${set.digest.slice(0, 12)}`),
    ]),
  );
}

function recordedLines({ data, stages }: Story): string[] {
  const open = stages.filter(({ verdict }) => verdict !== 'pass');
  const checks = [...data.flatMap((set) => set.checks), ...open];
  return checks.length === 0 ? [] : [checks.map(({ message }) => `- ${escapeMarkdown(message)}`).join('\n')];
}

function rulesTable(rules: readonly RuleResult[]): string {
  const rows = rules
    .slice(0, MOST_ROWS)
    .map((rule) => [
      rule.verdict,
      code(rule.id),
      escapeMarkdown(rule.dataSet),
      [escapeMarkdown(rule.message), ...(rule.samples ?? []).map(code)].join(' '),
      places(rule.places),
    ]);
  const rest = rules.length - MOST_ROWS;
  const shown = table(['verdict', 'rule', 'data', 'what was found', 'first rows'], rows);
  return rest > 0 ? `${shown}\n\nand ${rest} more in the output ${code('result')}.` : shown;
}

/** Lines of text files, which editors and people can jump to; row numbers otherwise. */
function places(list: readonly RowPlace[]): string {
  const byFile = new Map<string, number[]>();
  for (const { file, row, line } of list) {
    byFile.set(file.path, [...(byFile.get(file.path) ?? []), line ?? row]);
  }
  const word = list[0]?.line === undefined ? 'row' : 'line';
  return [...byFile]
    .map(([file, numbers]) => `${code(file)} ${word}${numbers.length > 1 ? 's' : ''} ${ranges(numbers)}`)
    .join('; ');
}

/** Neighbours in one: `3, 101–110`. */
function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

function driftTable(drift: readonly DriftResult[]): string {
  return table(
    ['column', 'data', 'method', '>value', '>limit', 'what was found'],
    drift
      .slice(0, MOST_ROWS)
      .map((d) => [
        code(d.column),
        escapeMarkdown(d.dataSet),
        d.method,
        d.value?.toPrecision(3) ?? '',
        d.threshold === undefined ? '' : String(d.threshold),
        escapeMarkdown(d.message),
      ]),
  );
}

function rulesList(rules: readonly RuleResult[]): string {
  return rules
    .map((rule) => `- ${code(rule.id)} (${escapeMarkdown(rule.dataSet)}): ${escapeMarkdown(rule.message)}`)
    .join('\n');
}

/** What holds needs no sentence each: the names, by data set. */
function namesOf(rules: readonly RuleResult[]): string {
  const sets = [...new Set(rules.map((rule) => rule.dataSet))];
  return sets
    .map((set) => {
      const ids = rules.filter((rule) => rule.dataSet === set).map((rule) => code(rule.id));
      return `**${escapeMarkdown(set)}**: ${ids.join(', ')}`;
    })
    .join('\n\n');
}
