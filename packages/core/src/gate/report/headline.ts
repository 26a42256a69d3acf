import { formatAge } from '../../report/numbers.ts';
import { code, escapeMarkdown } from '../../report/markdown.ts';
import type { AnyResult } from '../verdict.ts';
import type { GateReport } from './report.ts';
import { countVerdicts } from './result.ts';

const HEADLINE = {
  pass: 'passes its gate',
  warn: 'passes its gate, with warnings',
  fail: 'does not pass its gate',
  error: 'could not be judged',
  accepted: 'does not pass its gate, and was accepted',
} as const;

const ADVICE = {
  pass: 'this can merge',
  warn: 'this can merge, after a look',
  fail: 'do not merge',
  error: 'do not merge yet',
  accepted: 'this can merge',
} as const;

/** The model, and which job of a matrix judged it. */
export function titleOf(model: string, matrixKey: string): string {
  return matrixKey === '' ? code(model) : `${code(model)} (${code(matrixKey)})`;
}

/** What became of the model, whether to merge where there is something to merge, and the sentence that says why. */
export function headline({
  model,
  matrixKey,
  decision,
  accepted,
  message,
  isPullRequest,
}: GateReport): string {
  const state = accepted ? 'accepted' : decision;
  const advice = isPullRequest ? `: ${ADVICE[state]}` : '';
  return `### ${titleOf(model, matrixKey)} ${HEADLINE[state]}${advice}

**${escapeMarkdown(message)}**`;
}

/** How many checks came to what. */
export function countsLine(results: readonly AnyResult[]): string {
  return `${results.length} ${results.length === 1 ? 'check' : 'checks'}: ${countWords(results)}.`;
}

/** `2 failed, 12 passed`. */
export function countWords(results: readonly AnyResult[]): string {
  const counts = countVerdicts(results);
  const words = [
    [counts.errors, 'could not be judged'],
    [counts.failed, 'failed'],
    [counts.acknowledged, 'failed and accepted'],
    [counts.warned, 'warned'],
    [counts.inconclusive, 'inconclusive'],
    [counts.passed, 'passed'],
    [counts['new-baseline'], 'without a baseline yet'],
    [counts['not-judged'], 'too small to judge'],
  ] as const;
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

/** What was compared with what, and where the baseline came from. */
export function comparedLine({ baseline, headCommit, tried }: GateReport): string {
  const head = headCommit === undefined ? 'this change' : code(headCommit.slice(0, 7));
  if (baseline === null) {
    const why = tried.length === 0 ? '' : ` (${tried.map(escapeMarkdown).join('; ')})`;
    return `No baseline${why}: ${head} is judged by its absolute limits alone.`;
  }
  const facts = [
    baseline.commit === null ? '' : `commit ${code(baseline.commit.slice(0, 7))}`,
    baseline['age-seconds'] === null ? '' : `${formatAge(baseline['age-seconds'])} old`,
    `from ${code(baseline.source)}`,
    (baseline['commits-behind'] ?? 0) === 0
      ? ''
      : `fallback: ${fallbackText(baseline['commits-behind'] ?? 0)}`,
    runLink(baseline.run),
  ].filter((fact) => fact !== '');
  return `Baseline ${baseline.version === null ? '' : `${code(baseline.version)} `}(${facts.join(', ')}) → ${head}.`;
}

/** How far from the merge base the baseline is. */
export function fallbackText(commitsBehind: number): string {
  return `${commitsBehind} ${commitsBehind === 1 ? 'commit' : 'commits'} before the merge base`;
}

/** Only what is plainly an address becomes a link: whoever may push tags writes it. */
function runLink(run: string | null): string {
  if (run === null) return '';
  return /^https?:\/\/[\w.:-]+(\/[\w./-]*)?$/.test(run) ? `[run](${run})` : '';
}
