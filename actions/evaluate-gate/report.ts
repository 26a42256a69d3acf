import { formatAge, formatApart, formatChange, formatNumber } from '@sluice/core/report/numbers.ts';
import { code, details, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';
import type { Check } from '@sluice/core/gate/limits.ts';
import type { Measurement } from '@sluice/core/gate/measurement.ts';
import { brokenCases, type CasesResult } from '@sluice/core/gate/case-rules.ts';
import type { FairnessResult } from '@sluice/core/gate/fairness-rules.ts';
import type { ChangedRows } from '@sluice/core/gate/cases.ts';
import {
  decisiveCheck,
  isAboutCases,
  isAboutFairness,
  type AnyResult,
  type RuleResult,
  type Verdict,
} from '@sluice/core/gate/verdict.ts';
import { fairnessPart } from './fairness.ts';
import { casesPart, changedLine, hasCaseNews } from './cases.ts';
import { countVerdicts, type GateResult } from './result.ts';
import { isCompared, percent, signedRange } from './intervals.ts';
import { describeResult, labelOf } from './sentences.ts';

/** Everything that the report shows. */
export interface GateReport {
  readonly model: string;
  readonly decision: 'pass' | 'warn' | 'fail' | 'error';
  /** The verdict's one sentence, plain text. */
  readonly message: string;
  readonly baseline: GateResult['baseline'];
  /** Why there is no baseline, one reason per source. */
  readonly tried: readonly string[];
  readonly headCommit: string | undefined;
  readonly results: readonly RuleResult[];
  readonly cases: readonly CasesResult[];
  readonly fairness: readonly FairnessResult[];
  readonly changed: ChangedRows | undefined;
  readonly metrics: ReadonlyMap<string, Measurement>;
  readonly notes: readonly string[];
}

/** More rows than this do not fit into ten seconds. */
const ROWS_SHOWN = 10;

const HEADLINE = {
  pass: 'passes its gate',
  warn: 'passes its gate, with warnings',
  fail: 'does not pass its gate',
  error: 'could not be judged',
} as const;

const WORD: Readonly<Record<Verdict, string>> = {
  error: '**error**',
  fail: '**fail**',
  warn: '**warn**',
  inconclusive: '**inconclusive**',
  'new-baseline': 'new baseline',
  'not-judged': 'not judged',
  pass: 'pass',
};
const ORDER: readonly Verdict[] = [
  'error',
  'fail',
  'warn',
  'inconclusive',
  'new-baseline',
  'pass',
  'not-judged',
];

/** Results that the report explains in a sentence each. */
const NEEDS_A_LOOK: ReadonlySet<Verdict> = new Set(['error', 'fail', 'warn', 'inconclusive']);

/** The report as markdown: verdict, what was compared, what matters, and folded below it everything else. */
export function renderReport(report: GateReport): string {
  const sorted = [...report.results].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const shown = sorted.filter(matters);
  const all = [...sorted, ...report.cases, ...report.fairness];
  const failing = all.filter((r) => NEEDS_A_LOOK.has(r.verdict));
  const parts = [
    `### ${code(report.model)} ${HEADLINE[report.decision]}`,
    `**${escapeMarkdown(report.message)}**`,
    [countsLine(all), comparedLine(report), changedLine(report.changed)]
      .filter((line) => line !== '')
      .join('  \n'),
    resultTable(shown.slice(0, ROWS_SHOWN)),
    shown.length > ROWS_SHOWN ? `… and ${shown.length - ROWS_SHOWN} more in the full list below.` : '',
    casesPart(report.cases, (verdict) => WORD[verdict]),
    fairnessPart(report.fairness, (verdict) => WORD[verdict]),
    toDo(failing, report.message),
    report.notes.map((note) => `> ${escapeMarkdown(note)}`).join('\n>\n'),
    shown.length === sorted.length && shown.length <= ROWS_SHOWN
      ? ''
      : details(`All results (${sorted.length})`, resultTable(sorted)),
    metricsPart(report.metrics),
  ];
  return parts.filter((part) => part !== '').join('\n\n') + '\n';
}

/** Whether a reader needs to see it: not a plain pass, or the number moved. */
function matters(result: AnyResult): boolean {
  if (isAboutCases(result)) return hasCaseNews(result);
  if (isAboutFairness(result)) return result.verdict !== 'pass';
  const { verdict, candidate, baseline } = result;
  if (verdict === 'not-judged') return false;
  return verdict !== 'pass' || (baseline !== undefined && candidate !== baseline);
}

/** Whether any number differs from the baseline or any rule does not simply pass. */
export function hasNews(results: readonly AnyResult[]): boolean {
  return results.some(matters);
}

function countsLine(results: readonly AnyResult[]): string {
  const counts = countVerdicts(results);
  const words = [
    [counts.errors, 'could not be judged'],
    [counts.failed, 'failed'],
    [counts.warned, 'warned'],
    [counts.inconclusive, 'inconclusive'],
    [counts.passed, 'passed'],
    [counts['new-baseline'], 'without a baseline yet'],
    [counts['not-judged'], 'too small to judge'],
  ] as const;
  const found = words.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${results.length} ${results.length === 1 ? 'check' : 'checks'}: ${found.join(', ')}.`;
}

function comparedLine({ baseline, headCommit, tried }: GateReport): string {
  const head = headCommit === undefined ? 'this change' : code(headCommit.slice(0, 7));
  if (baseline === null) {
    const why = tried.length === 0 ? '' : ` (${tried.map(escapeMarkdown).join('; ')})`;
    return `No baseline${why}: ${head} is judged by its absolute limits alone.`;
  }
  const facts = [
    baseline.commit === null ? '' : `commit ${code(baseline.commit.slice(0, 7))}`,
    baseline['age-seconds'] === null ? '' : `${formatAge(baseline['age-seconds'])} old`,
    `from ${code(baseline.source)}`,
  ].filter((fact) => fact !== '');
  return `Baseline ${baseline.version === null ? '' : `${code(baseline.version)} `}(${facts.join(', ')}) → ${head}.`;
}

function resultTable(results: readonly RuleResult[]): string {
  if (results.length === 0) return '';
  // Without a baseline there is no change to speak of.
  const hasInterval = results.some((result) => result.baseline !== undefined);
  const confidence = results.find(isCompared)?.comparison.confidence;
  const interval = confidence === undefined ? 'Interval' : `${percent(confidence)} interval`;
  const heads = ['Check', 'Better is', 'Verdict', '>Baseline', '>Candidate', '>Change'];
  return table(
    [...heads, ...(hasInterval ? [interval] : []), 'Limit', '>Rows'],
    results.map((result) => row(result, hasInterval)),
  );
}

function row(result: RuleResult, hasInterval: boolean): string[] {
  const { rule, candidate, baseline, rows, comparison } = result;
  const change = candidate === undefined || baseline === undefined ? '' : formatChange(candidate - baseline);
  return [
    escapeMarkdown(labelOf(result)),
    rule.direction,
    `${WORD[result.verdict]}${isInformational(result) ? ' (for information)' : ''}`,
    shownBeside(baseline, result),
    shownBeside(candidate, result),
    change,
    ...(hasInterval ? [intervalText(result)] : []),
    limitText(result),
    rows === undefined ? '' : (comparison?.rows ?? rows).toLocaleString('en-US'),
  ];
}

/** Only two numbers were compared where there is no interval. */
function intervalText(result: RuleResult): string {
  if (isCompared(result)) return signedRange(result);
  return result.baseline === undefined ? '' : 'no uncertainty known';
}

/** Whether a limit is broken that does nothing but inform. */
export function isInformational(result: AnyResult): boolean {
  if (result.rule.severity !== 'info') return false;
  if (isAboutCases(result)) return brokenCases(result.cases).length > 0;
  if (isAboutFairness(result))
    return result.fairness.found === 'measured' && result.fairness.broken.length > 0;
  return result.checks.some((check) => check.found === 'broken' || check.found === 'pre-existing');
}

/** With enough decimals that a value that fails does not look like the limit it fails. */
function shownBeside(value: number | undefined, result: RuleResult): string {
  if (value === undefined) return '–';
  const check = decisiveCheck(result);
  const isBroken = check?.found === 'broken' || check?.found === 'pre-existing';
  return isBroken ? (formatApart(value, check.bound)[0] as string) : formatNumber(value);
}

/** What the candidate may be, by the tightest of the rule's limits; the sentences say where it comes from. */
function limitText({ checks, rule, candidate }: RuleResult): string {
  const floors: number[] = [];
  const ceilings: number[] = [];
  for (const check of checks) {
    if (!('bound' in check)) continue;
    const isFloor =
      check.kind === 'min' || (check.kind !== 'max' && isRegression(check) === (rule.direction === 'higher'));
    (isFloor ? floors : ceilings).push(check.bound);
  }
  const beside = (bound: number): string =>
    candidate === undefined || candidate === bound
      ? formatNumber(bound)
      : (formatApart(bound, candidate)[0] as string);
  return [
    floors.length === 0 ? '' : `at\u00a0least\u00a0${beside(Math.max(...floors))}`,
    ceilings.length === 0 ? '' : `at\u00a0most\u00a0${beside(Math.min(...ceilings))}`,
    checks.some((check) => check.found === 'no-baseline') ? 'a baseline is needed' : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function isRegression(check: Check): boolean {
  return check.kind === 'max-regression';
}

function toDo(failing: readonly AnyResult[], message: string): string {
  // A single one usually is the verdict's own sentence.
  if (failing.every((result) => describeResult(result) === message)) return '';
  const lines = failing.slice(0, ROWS_SHOWN).map((result) => `- ${escapeMarkdown(describeResult(result))}`);
  if (failing.length > ROWS_SHOWN) lines.push(`- … and ${failing.length - ROWS_SHOWN} more.`);
  return `**What to look at**\n\n${lines.join('\n')}`;
}

function metricsPart(metrics: ReadonlyMap<string, Measurement>): string {
  if (metrics.size === 0) return '';
  const rows = [...metrics].map(([name, found]) => [
    code(name),
    found.kind === 'value' ? String(found.value) : `no value: ${escapeMarkdown(found.message)}`,
  ]);
  return details(
    `All metrics of the candidate, unrounded (${metrics.size})`,
    table(['Metric', '>Value'], rows),
  );
}
