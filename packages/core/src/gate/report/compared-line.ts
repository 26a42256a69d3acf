import { formatAge } from '../../report/numbers.ts';
import { code, escapeMarkdown } from '../../report/markdown.ts';
import type { GateReport } from './gate-report.ts';

/** What was compared with what, and where the baseline came from. */
export function comparedLine({
  baseline,
  headCommit,
  tried,
}: Pick<GateReport, 'baseline' | 'headCommit' | 'tried'>): string {
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

/** Only what is plainly an address becomes a link: whoever may push tags writes it. */
function runLink(run: string | null): string {
  if (run === null) return '';
  return /^https?:\/\/[\w.:-]+(\/[\w./-]*)?$/.test(run) ? `[run](${run})` : '';
}

/** How far from the merge base the baseline is. */
export function fallbackText(commitsBehind: number): string {
  return `${commitsBehind} ${commitsBehind === 1 ? 'commit' : 'commits'} before the merge base`;
}
