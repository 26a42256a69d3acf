import { code, escapeMarkdown } from '../../report/markdown.ts';
import type { GateReport } from './gate-report.ts';

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
