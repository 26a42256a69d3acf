/** How a test is tuned: nothing here changes what it promises, only how soon it can tell. */
export interface Tuning {
  /** The number of samples at which it is sharpest. */
  readonly samples: number;
  /** The level at which it will be read. */
  readonly alpha: number;
}

/** What samples say about one true number: a share, a mean, or the change of one. */
export interface Evidence {
  readonly estimate: number;
  /** ln of an e-process against "the truth is at most x". */
  above(x: number): number;
  /** ln of an e-process against "the truth is at least x". */
  below(x: number): number;
  /** Between which the truth is anyway. */
  readonly range: readonly [number, number];
}

/** Halvings of a bracket: a millionth of it is left. */
const HALVINGS = 20;
/** Doublings of the distance from the estimate in which an end is looked for where the range is open. */
const DOUBLINGS = 60;

/** Whether the truth is shown to be above x; never wrong in more than the share `alpha` of all rollouts, whenever it is asked. */
export function isShownAbove(evidence: Evidence, x: number, alpha: number): boolean {
  return evidence.above(x) >= -Math.log(alpha);
}

export function isShownBelow(evidence: Evidence, x: number, alpha: number): boolean {
  return evidence.below(x) >= -Math.log(alpha);
}

/**
 * All numbers that are not shown to be wrong, each end at the level `alpha`: a confidence sequence, which at all times together
 * contains the truth with 1 − 2·alpha. An end that nothing is known about is null.
 */
export function intervalOf(evidence: Evidence, alpha: number): readonly [number | null, number | null] {
  const [least, most] = evidence.range;
  if (!Number.isFinite(evidence.estimate)) return [null, null];
  return [
    endOf(evidence.estimate, least, (x) => isShownAbove(evidence, x, alpha)),
    endOf(evidence.estimate, most, (x) => isShownBelow(evidence, x, alpha)),
  ];
}

/** The point between the estimate, which is not excluded, and `limit`, up to which nothing is. */
function endOf(estimate: number, limit: number, isExcluded: (x: number) => boolean): number | null {
  let far = Number.isFinite(limit) ? limit : openEnd(estimate, Math.sign(limit), isExcluded);
  if (!Number.isFinite(far)) return null;
  if (!isExcluded(far)) return Number.isFinite(limit) ? limit : null;
  let near = estimate;
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (near + far) / 2;
    if (isExcluded(middle)) far = middle;
    else near = middle;
  }
  return far;
}

function openEnd(estimate: number, sign: number, isExcluded: (x: number) => boolean): number {
  let distance = Math.max(Math.abs(estimate), 1) * 1e-6;
  for (let step = 0; step < DOUBLINGS; step++, distance *= 2) {
    if (isExcluded(estimate + sign * distance)) return estimate + sign * distance;
  }
  return Infinity;
}
