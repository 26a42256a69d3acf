import type { StatisticKind } from './samples.ts';

/** What a metric has to fulfil, as data: providers make them of sluice.yaml, and the judge knows nothing else of a metric. */
export interface MetricRule {
  /** As samples and verdicts name it, such as `errors`, `latency`, `agreement`. */
  readonly id: string;
  readonly kind: StatisticKind;
  /** What one sample is, in the plural: `requests`. */
  readonly unit: string;
  /** What the numbers of a mean are in, such as `ms`. */
  readonly measure?: string;
  readonly limit: Limit;
  /** How many samples of the candidate a step has to have of its own before it can pass. */
  readonly minSamples: number;
  /** How much of the level this rule gets beside the others; 1 where nothing else is asked for. */
  readonly weight?: number;
}

/**
 * What is still good. Of a `log-mean` `max` and `min` are numbers as they are measured (milliseconds), and a change is always
 * relative. A change has to be more than zero: that nothing at all changed no number of samples can show.
 */
export type Limit =
  /** The candidate by itself; `within`: no further from zero, in either direction. */
  | { readonly bound: 'max' | 'min' | 'within'; readonly value: number }
  /** The candidate beside `stable`; `relative`: 0.2 is a fifth of what `stable` has, else of the unit of the metric. */
  | { readonly bound: 'max-increase' | 'max-decrease'; readonly value: number; readonly relative: boolean };

type Change = Extract<Limit, { readonly relative: boolean }>;

/** Whether a limit is on the change beside `stable`. */
export function isOnChange(limit: Limit): limit is Change {
  return limit.bound === 'max-increase' || limit.bound === 'max-decrease';
}
