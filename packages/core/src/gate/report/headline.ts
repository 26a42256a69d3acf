import type { Section } from '../../report/sections.ts';
import { headlineSection, type Headline } from '../../report/summary.ts';
import type { GateReport } from './gate-report.ts';

const HEADLINE = {
  pass: 'passes its gate',
  warn: 'passes its gate',
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

/** What became of the model, and whether to merge where there is something to merge. */
export function headline({ model, matrixKey, decision, accepted, isPullRequest }: GateReport): Headline {
  const state = accepted ? 'accepted' : decision;
  return {
    model,
    matrixKey,
    verdict: HEADLINE[state],
    tellsWarnings: !accepted,
    advice: isPullRequest ? ADVICE[state] : undefined,
  };
}

/** The headline, and the sentence that says why. */
export function verdictSection(report: GateReport): Section {
  return headlineSection(headline(report), { message: report.message, warns: report.decision === 'warn' });
}
