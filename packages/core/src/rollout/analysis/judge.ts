import { examine, valueOf, type Finding } from './examine.ts';
import { isOnChange, type MetricRule } from './metric-rule.ts';
import type { AnalysisVerdict, MetricVerdict } from './metric-verdict.ts';
import { MOST_SLICES, type Arms, type MetricSamples, type Samples } from './samples.ts';
import { explain, type Ground } from './words.ts';

/** What is judged, and how often in the whole rollout. */
export interface Stage {
  /** The step that is baking, as samples are kept by. */
  readonly step: number;
  /** How many steps of the rollout are judged: the level is shared among them. */
  readonly steps: number;
  /** The candidate's share of the traffic, in percent. */
  readonly weight: number;
  /** With which probability at most a candidate within all limits is failed, in the whole rollout. */
  readonly alpha: number;
}

const VERDICT: { readonly [G in Ground]: AnalysisVerdict } = {
  harm: 'fail',
  'other-kind': 'error',
  'no-number': 'error',
  few: 'inconclusive',
  'few-of-stable': 'inconclusive',
  'none-of-stable': 'inconclusive',
  chance: 'inconclusive',
  'stable-gone': 'pass',
  within: 'pass',
};

/**
 * What became of each rule in a step, from the samples of that step alone. `fail` as soon as it is shown that the candidate is
 * beyond the limit, however often this is asked; `pass` only with `minSamples` of the step's own, and when what they show is within
 * the limit; else `inconclusive`. A part of the requests has a verdict of its own only where it fails.
 */
export function judge(rules: readonly MetricRule[], samples: Samples, stage: Stage): MetricVerdict[] {
  const weights = rules.reduce((sum, { weight = 1 }) => sum + weight, 0);
  return rules.flatMap((rule) => {
    const alpha = (stage.alpha * (rule.weight ?? 1)) / weights / stage.steps;
    const known = Object.hasOwn(samples, rule.id) ? samples[rule.id] : undefined;
    return judgeMetric(rule, known ?? { steps: [] }, stage, alpha);
  });
}

function judgeMetric(
  rule: MetricRule,
  { steps, trouble }: MetricSamples,
  stage: Stage,
  alpha: number,
): MetricVerdict[] {
  const found = steps.find(({ step }) => step === stage.step);
  const parts = (found?.slices ?? []).map(({ name, ...arms }) => ({
    // The number of parts must not depend on what they show.
    ...judgeArms(rule, arms, stage, alpha / 2 / MOST_SLICES, name),
    slice: name,
  }));
  const whole = found && judgeArms(rule, found, stage, parts.length === 0 ? alpha : alpha / 2);
  const failed = [...(whole ? [whole] : []), ...parts].filter(({ verdict }) => verdict === 'fail');
  if (failed.length > 0) return failed;
  if (trouble?.kind === 'error') {
    return [{ metric: rule.id, verdict: 'error', message: `${rule.id}: ${trouble.message}` }];
  }
  if (whole) return [whole];
  const why = trouble === undefined ? '.' : `: ${trouble.message}`;
  return [
    {
      metric: rule.id,
      verdict: 'inconclusive',
      message: `${rule.id}: no ${rule.unit} in this step yet${why}`,
    },
  ];
}

/** `slice`: the part of the requests that the samples are of. */
function judgeArms(rule: MetricRule, arms: Arms, stage: Stage, alpha: number, slice?: string): MetricVerdict {
  const { candidate, stable } = arms;
  const isMixed = [candidate, stable].some((arm) => arm !== undefined && arm.kind !== rule.kind);
  const finding = isMixed ? undefined : examine(rule, arms, alpha);
  const ground = isMixed ? 'other-kind' : groundOf(rule, arms, stage, finding);
  const confidence = 1 - 2 * alpha;
  return {
    metric: rule.id,
    verdict: VERDICT[ground],
    message: explain(ground, { rule, arms, finding, confidence, slice }),
    candidate: { n: candidate.n, value: valueOf(candidate) },
    ...(stable === undefined ? {} : { stable: { n: stable.n, value: valueOf(stable) } }),
    ...(finding === undefined ? {} : { interval: [...finding.interval], confidence }),
  };
}

function groundOf(
  { minSamples, limit }: MetricRule,
  { candidate, stable }: Arms,
  { weight }: Stage,
  finding: Finding | undefined,
): Ground {
  const isFew = candidate.n < minSamples;
  if (finding === undefined) return weight < 100 ? 'none-of-stable' : isFew ? 'few' : 'stable-gone';
  if (Number.isNaN(finding.estimate)) return 'no-number';
  if (finding.isHarmful) return 'harm';
  if (isFew) return 'few';
  if (isOnChange(limit) && stable !== undefined && 2 * stable.n < minSamples) return 'few-of-stable';
  return finding.isWithin ? 'within' : 'chance';
}
