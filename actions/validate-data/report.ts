import type { Decision } from '@sluice/core/action/outcome.ts';
import type { DriftResult } from '@sluice/core/data/drift.ts';
import { formatCount, type RuleResult } from '@sluice/core/data/rule-result.ts';
import type { RowPlace } from '@sluice/core/data/table.ts';
import { code, codeBlock, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import { folded, unfolded, wholeSection, type Summary } from '@sluice/core/report/summary.ts';
import { notesSection } from '@sluice/core/pins/bring/notes.ts';
import { formatBytes } from '@sluice/core/transfer/progress.ts';
import type { DataSet } from './inputs.ts';
import type { StageCheck } from './pipeline.ts';
import type { SuggestedContract } from './suggest.ts';

/** What the job summary shows. */
export interface Story {
  readonly model: string | undefined;
  readonly decision: Decision;
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

const MOST_LINES = 100;

/** What became of the data, as the headline says it. */
const VERDICT: Readonly<Record<Decision, string>> = {
  pass: 'passes its data checks',
  warn: 'passes its data checks',
  fail: 'does not pass its data checks',
  error: 'could not have its data checked',
};

/** The job summary: the data sets, then only what failed, warns or drifts; the rest folded. */
export function summaryOf(story: Story): Summary {
  const { model, decision, data, rules, drift, s3Notes, profile, suggested } = story;
  const notable = rules.filter((rule) => rule.verdict !== 'pass' && rule.verdict !== 'info');
  const passed = rules.filter((rule) => rule.verdict === 'pass');
  const info = rules.filter((rule) => rule.verdict === 'info');
  const drifting = drift.filter((d) => d.verdict === 'warn');
  const contract = story.contract === undefined ? 'no contract' : `contract ${code(story.contract)}`;
  return {
    headline: { model, verdict: VERDICT[decision] },
    changed: [unfolded(dataTable(story)), notesSection(s3Notes), recordedLines(story)],
    rest: [
      ...(suggested === undefined ? [] : suggestedSections(suggested)),
      listed('Rules that do not hold', notable.map(ruleLine)),
      listed('Drift', drifting.map(driftLine)),
      unfolded(drift.length > 0 && drifting.length === 0 ? `No drift in ${drift.length} comparisons.` : ''),
      unfolded(`Judged by ${contract}. Shares are of all rows. The profile is ${code(profile)}.`),
      ...(passed.length === 0 ? [] : [folded(`${passed.length} rules hold`, namesOf(passed))]),
      ...(info.length === 0 ? [] : [folded(`${info.length} notes: not checked`, rulesList(info))]),
      wholeSection(
        'Digests, whole',
        Object.fromEntries(
          data.map(({ name, bytes, digest }) => [`${name}, ${formatBytes(bytes)}`, `sha256:${digest}`]),
        ),
      ),
    ],
  };
}

/** The runner is gone after the job, so the text is here, whole to copy, with what keeps the file itself. */
function suggestedSections({ file, text }: SuggestedContract): Section[] {
  const keep = `- if: failure()\n  uses: actions/upload-artifact@v7\n  with: { name: suggested-contract, path: ${JSON.stringify(file)}, include-hidden-files: true }`;
  return [
    folded('The suggested contract, to read, to correct and to commit', codeBlock(text)),
    folded('A step after this one that keeps the file as an artifact', codeBlock(keep)),
  ];
}

function dataTable({ data }: Story): string {
  return table(
    ['Data', '>Files', '>Rows'],
    data.map((set) => [escapeMarkdown(set.name), String(set.files.length), formatCount(set.rows)]),
  );
}

function recordedLines({ data, stages }: Story): Section {
  const open = stages.filter(({ verdict }) => verdict !== 'pass');
  const checks = [...data.flatMap((set) => set.checks), ...open];
  return unfolded(checks.map(({ message }) => `- ${escapeMarkdown(message)}`).join('\n'));
}

function listed(title: string, lines: readonly string[]): Section {
  if (lines.length === 0) return unfolded('');
  const more = lines.length - MOST_LINES;
  return unfolded(
    [
      `#### ${title}`,
      lines.slice(0, MOST_LINES).join('\n'),
      ...(more > 0 ? [`and ${more} more in the output ${code('result')}.`] : []),
    ].join('\n\n'),
  );
}

function ruleLine({ verdict, id, dataSet, message, samples = [], places: at }: RuleResult): string {
  const where = at.length === 0 ? '' : ` First in ${places(at)}.`;
  const values = samples.length === 0 ? '' : ` Such as ${samples.map(code).join(', ')}.`;
  return `- **${verdict}** ${code(id)} in ${escapeMarkdown(dataSet)}: ${escapeMarkdown(message)}${values}${where}`;
}

function driftLine({ column, dataSet, method, message }: DriftResult): string {
  return `- ${code(column)} in ${escapeMarkdown(dataSet)}: ${escapeMarkdown(message)} (${method})`;
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
