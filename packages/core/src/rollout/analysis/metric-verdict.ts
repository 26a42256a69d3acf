import * as z from 'zod/mini';
import { line } from '../line.ts';

/** What an analysis can come to, the worst first. */
export const VERDICTS = ['fail', 'error', 'inconclusive', 'pass'] as const;
export type AnalysisVerdict = (typeof VERDICTS)[number];

const seen = z.object({
  n: z.int(),
  /** Share, mean, or geometric mean of a `log-mean`. */ value: z.number(),
});

/** What became of one rule, as the journal keeps it. */
export const metricVerdict = z.object({
  metric: line,
  /** There where the verdict is about a part of the requests. */
  slice: z.optional(line),
  /**
   * `fail`: it is shown that the candidate is worse than the limit. `inconclusive`: too few samples, or what they show is beyond
   * the limit and may be chance. `error`: the last window could not be read.
   */
  verdict: z.enum(VERDICTS),
  /** One sentence for people. */
  message: line,
  /** Of the whole rollout. */
  candidate: z.optional(seen),
  stable: z.optional(seen),
  /**
   * Where the true value lies, whenever one looks: of the candidate, or of its change beside `stable` where the limit is on
   * that. An end that is null is open.
   */
  interval: z.optional(z.tuple([z.nullable(z.number()), z.nullable(z.number())])),
  /** Of the interval. */
  confidence: z.optional(z.number()),
});
export type MetricVerdict = z.infer<typeof metricVerdict>;

/** The worst of several verdicts; of none at all, nothing is known. */
export function worstVerdict(verdicts: readonly { readonly verdict: AnalysisVerdict }[]): AnalysisVerdict {
  return VERDICTS.find((one) => verdicts.some(({ verdict }) => verdict === one)) ?? 'inconclusive';
}
