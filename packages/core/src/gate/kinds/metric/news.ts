import type { MetricResult } from './verdict.ts';

/** Whether the number moved, or the rule does not simply pass. */
export function isNews({ verdict, candidate, baseline }: MetricResult): boolean {
  if (verdict === 'not-judged') return false;
  return verdict !== 'pass' || (baseline !== undefined && candidate !== baseline);
}

/** Whether a reader needs to see it at once: news, but of slices only what does not pass. */
export function matters(result: MetricResult): boolean {
  const isQuietSlice = result.slice !== undefined && result.verdict === 'pass';
  return !isQuietSlice && isNews(result);
}

/** Whether a limit is broken that does nothing but inform. */
export function isInformational({ rule, checks }: MetricResult): boolean {
  return (
    rule.severity === 'info' &&
    checks.some((check) => check.found === 'broken' || check.found === 'pre-existing')
  );
}
