import type { Sample } from '../sample.ts';
import { hits } from './classification.ts';
import { brierTerms, logLossTerms } from './probability.ts';
import { pinballTerms } from './quantile-loss.ts';
import { reciprocalRanks, discountedGains } from './query-ranking.ts';
import { absoluteErrors, relativeErrors } from './regression.ts';

/** A metric that is the plain mean of one number per unit. */
export interface UnitMean {
  /** What the numbers are of; queries are numbered as the sample numbers them. */
  readonly unit: 'row' | 'query';
  readonly direction: 'higher' | 'lower';
  readonly terms: (sample: Sample) => Float64Array;
}

const loss = (terms: UnitMean['terms']): UnitMean => ({ unit: 'row', direction: 'lower', terms });

/** Those with a fixed name. */
export const ROW_MEANS: ReadonlyMap<string, UnitMean> = new Map(
  Object.entries({
    accuracy: { unit: 'row', direction: 'higher', terms: hits },
    'log-loss': loss(logLossTerms),
    brier: loss(brierTerms),
    mae: loss(absoluteErrors),
    mape: loss(relativeErrors),
  }),
);

/** The metric of this name as a mean of one number per unit; undefined when it is none. */
export function unitMean(metric: string): UnitMean | undefined {
  return ROW_MEANS.get(metric) ?? pinball(metric) ?? ranking(metric);
}

/** `pinball-0.9`: the quantile is part of the name, because the loss of another quantile is another metric. */
function pinball(metric: string): UnitMean | undefined {
  const quantile = /^pinball-(0\.\d+)$/.exec(metric)?.[1];
  if (quantile === undefined || Number(quantile) === 0) return undefined;
  return loss((sample) => pinballTerms(sample, Number(quantile)));
}

/** `mrr`, `ndcg` over all ranks, `mrr@10`, `ndcg@10` over the first ten. */
function ranking(metric: string): UnitMean | undefined {
  const [, name, ranks] = /^(mrr|ndcg)(?:@([1-9]\d*))?$/.exec(metric) ?? [];
  if (name === undefined) return undefined;
  const most = ranks === undefined ? Infinity : Number(ranks);
  const terms = name === 'mrr' ? reciprocalRanks : discountedGains;
  return { unit: 'query', direction: 'higher', terms: (sample) => terms(sample, most) };
}
