import type { Comparable, MeasuredBaseline } from './measured-models.ts';

/** What becomes of a model whose baseline was measured on another test set; `gate.on-different-test-set`. */
export type OnDifferentTestSet = 'fail' | 'warn' | 'absolute-only';

/** The baseline without what was measured on another test set: rules that need that are left open. */
export function setAside(baseline: MeasuredBaseline): MeasuredBaseline {
  if (baseline.kind === 'none') return baseline;
  return { ...baseline, sample: aside(baseline.sample), logged: aside(baseline.logged) };
}

function aside<T>(part: Comparable<T>): Comparable<T> {
  return part.kind === 'different' ? { kind: 'set-aside', message: part.message } : part;
}

/** Why a part of the baseline was set aside; undefined where none was. */
export function whySetAside(baseline: MeasuredBaseline): string | undefined {
  if (baseline.kind === 'none') return undefined;
  const { sample, logged } = baseline;
  const [part] = [sample, logged].flatMap((one) => (one.kind === 'set-aside' ? [one] : []));
  return part?.message;
}
