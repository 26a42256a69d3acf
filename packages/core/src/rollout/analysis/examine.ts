import { isOnChange, type MetricRule } from './metric-rule.ts';
import type { Arms, Statistic } from './samples.ts';
import { intervalOf, isShownAbove, isShownBelow, type Evidence, type Tuning } from './sequential/evidence.ts';
import { meanEvidence } from './sequential/mean.ts';
import { meansEvidence } from './sequential/means.ts';
import { proportionEvidence } from './sequential/proportion.ts';
import { proportionsEvidence } from './sequential/proportions.ts';

/** What samples say about a limit. All numbers are as the limit is: changes of a `log-mean` are relative. */
export interface Finding {
  /** Value of the candidate, or its change beside `stable`. */
  readonly estimate: number;
  /** A lower limit of a decrease is negative. */
  readonly limit: number;
  /** Whether it is shown that the truth is beyond the limit. */
  readonly isHarmful: boolean;
  /** Whether the estimate is within it. */
  readonly isWithin: boolean;
  readonly interval: readonly [number | null, number | null];
}

/** Which side of the limit is bad, and where the limit is on the scale of the evidence. */
interface Bounds {
  readonly most?: number;
  readonly least?: number;
}

/** Holds samples against a limit at the level `alpha`; undefined where an arm is missing that the limit is about. */
export function examine(rule: MetricRule, arms: Arms, alpha: number): Finding | undefined {
  const evidence = evidenceFor(rule, arms, { samples: rule.minSamples, alpha });
  if (evidence === undefined) return undefined;
  const { most, least } = boundsOf(rule);
  // A limit in both directions is two tests.
  const each = most !== undefined && least !== undefined ? alpha / 2 : alpha;
  const { estimate } = evidence;
  const [low, high] = intervalOf(evidence, each);
  const shown = shownFor(rule);
  return {
    estimate: shown(estimate),
    limit: shown(most ?? least ?? NaN),
    isHarmful:
      (most !== undefined && isShownAbove(evidence, most, each)) ||
      (least !== undefined && isShownBelow(evidence, least, each)),
    isWithin: (most === undefined || estimate <= most) && (least === undefined || estimate >= least),
    interval: [low === null ? null : shown(low), high === null ? null : shown(high)],
  };
}

function evidenceFor({ limit }: MetricRule, arms: Arms, tuning: Tuning): Evidence | undefined {
  const { candidate, stable } = arms;
  if (!isOnChange(limit)) {
    return candidate.kind === 'proportion'
      ? proportionEvidence(candidate, tuning)
      : meanEvidence(candidate, tuning);
  }
  if (stable === undefined) return undefined;
  if (candidate.kind === 'proportion' && stable.kind === 'proportion') {
    return proportionsEvidence(candidate, stable, limit.relative, tuning);
  }
  if (candidate.kind === 'proportion' || stable.kind === 'proportion') return undefined;
  // The difference of logarithms is a ratio already.
  return meansEvidence(candidate, stable, limit.relative && candidate.kind !== 'log-mean', tuning);
}

function boundsOf({ kind, limit: { bound, value } }: MetricRule): Bounds {
  const isLog = kind === 'log-mean';
  switch (bound) {
    case 'max':
      return { most: isLog ? Math.log(value) : value };
    case 'min':
      return { least: isLog ? Math.log(value) : value };
    case 'within':
      return { most: value, least: -value };
    case 'max-increase':
      return { most: isLog ? Math.log1p(value) : value };
    case 'max-decrease':
      return { least: isLog ? Math.log1p(-value) : -value };
  }
}

/** From the scale of the evidence to that of the limit. */
function shownFor({ kind, limit: { bound } }: MetricRule): (x: number) => number {
  if (kind !== 'log-mean' || bound === 'within') return (x) => x;
  return bound === 'max' || bound === 'min' ? Math.exp : Math.expm1;
}

/** A share or mean; the geometric mean where logarithms were summed up. */
export function valueOf(statistic: Statistic): number {
  if (statistic.kind === 'proportion') return statistic.hits / statistic.n;
  return statistic.kind === 'mean' ? statistic.mean : Math.exp(statistic.mean);
}
