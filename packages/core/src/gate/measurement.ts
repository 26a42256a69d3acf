/** Why a metric has no value. */
export type MetricProblem = 'not-a-number' | 'missing-metric' | 'undefined-metric' | 'no-rows';

/** A metric's value, or the reason that there is none. A problem never counts as a number. */
export type Measurement =
  | { readonly kind: 'value'; readonly value: number; readonly standardError?: number }
  | { readonly kind: 'problem'; readonly reason: MetricProblem; readonly message: string };

/** Thrown by the formulas where a metric is not defined for the rows at hand. */
export class MetricError extends Error {
  readonly reason: MetricProblem;
  constructor(reason: MetricProblem, message: string) {
    super(message);
    this.name = 'MetricError';
    this.reason = reason;
  }
}

/** Runs a formula; a MetricError or a result that is not finite becomes a problem. */
export function measurement(formula: () => number): Measurement {
  try {
    const value = formula();
    if (Number.isFinite(value)) return { kind: 'value', value };
    return { kind: 'problem', reason: 'not-a-number', message: `The result is ${value}.` };
  } catch (error) {
    if (error instanceof MetricError) {
      return { kind: 'problem', reason: error.reason, message: error.message };
    }
    throw error;
  }
}
