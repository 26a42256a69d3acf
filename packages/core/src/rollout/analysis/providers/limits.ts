import type { MetricRule, Limit } from '../metric-rule.ts';

const DEFAULT_MIN_SAMPLES = 100;
/** What is asked of errors where nothing else is. */
const DEFAULT_MAX_ERRORS = 0.01;

/** What every provider's section says of how it is judged. */
interface JudgingConfig {
  readonly provider: string;
  readonly name?: string | undefined;
  readonly 'min-samples'?: number | undefined;
}

/** Makes the rules of an analysis, each with an id that begins with the name of the analysis. */
export function ruler({
  provider,
  name = provider,
  'min-samples': minSamples = DEFAULT_MIN_SAMPLES,
}: JudgingConfig): (metric: string, kind: MetricRule['kind'], limit: Limit) => MetricRule {
  return (metric, kind, limit) => ({ id: `${name}.${metric}`, kind, unit: 'requests', limit, minSamples });
}

/** What may be said of a share of errors. */
interface ShareConfig {
  readonly max?: number | undefined;
  readonly 'max-increase'?: number | string | undefined;
}

/** The rules about errors; a limit of their share where the section has none at all. */
export function errorRules(config: JudgingConfig, share: ShareConfig): MetricRule[] {
  const rule = ruler(config);
  const { 'max-increase': increase } = share;
  const max = share.max ?? (increase === undefined ? DEFAULT_MAX_ERRORS : undefined);
  return [
    ...(max === undefined ? [] : [rule('errors', 'proportion', { bound: 'max', value: max })]),
    ...(increase === undefined ? [] : [rule('errors-increase', 'proportion', increaseLimit(increase))]),
  ];
}

/** How much larger something may be than what is live: a number, or a percentage of that. */
export function increaseLimit(increase: number | string): Limit {
  return typeof increase === 'number'
    ? { bound: 'max-increase', value: increase, relative: false }
    : { bound: 'max-increase', value: Number.parseFloat(increase) / 100, relative: true };
}
