import type { Outcome } from '@sluice/core/action/outcome.ts';
import { renderSummary } from '@sluice/core/report/summary.ts';

/** What the run loop makes of an outcome's summary, without its reason code. */
export function summaryOf({ summary, message, decision }: Outcome): string {
  if (summary === undefined) return '';
  return renderSummary(summary, { message, warns: decision === 'warn' });
}
