import type { Evidence, Tuning } from './evidence.ts';
import { FEWEST, logAsymptotic, type Moments } from './mean.ts';

/**
 * The change of a mean from `stable` to the candidate, or with `relative` the change as a part of what `stable` has. Assumed are
 * independent samples with a finite variance, which the arms need not share. Asymptotic, see `logAsymptotic`.
 */
export function meansEvidence(
  candidate: Moments,
  stable: Moments,
  relative: boolean,
  tuning: Tuning,
): Evidence {
  const samples = (candidate.n * stable.n) / (candidate.n + stable.n);
  const spread = ({ n, m2 }: Moments): number => m2 / (n - 1) / n;
  const against = (x: number, sign: 1 | -1): number => {
    if (Math.min(candidate.n, stable.n) < FEWEST) return -Infinity;
    const [factor, shift] = relative ? [1 + x, 0] : [1, x];
    return logAsymptotic(
      {
        distance: sign * (candidate.mean - factor * stable.mean - shift),
        variance: spread(candidate) + factor ** 2 * spread(stable),
        samples,
      },
      tuning,
    );
  };
  // A part of what is not above zero is nothing that a limit could be on.
  const ratio = stable.mean > 0 ? candidate.mean / stable.mean : NaN;
  return {
    estimate: relative ? ratio - 1 : candidate.mean - stable.mean,
    range: [-Infinity, Infinity],
    above: (x) => against(x, 1),
    below: (x) => against(x, -1),
  };
}
