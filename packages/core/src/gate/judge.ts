import { KIND_NAMES, ofKind, rowOf, type AnyResult, type AnyRule } from './kinds/index.ts';
import type { Models } from './kinds/kind.ts';

/** Judges rules of any kind; results are in the order of the kinds. Pure: the same models give the same verdicts. */
export function judge(rules: readonly AnyRule[], models: Models): AnyResult[] {
  return KIND_NAMES.flatMap((kind) => rowOf(kind).judge(ofKind(kind, rules), models));
}

/** Whether right and wrong mean something because a rule counts them. */
export function countsRows(rules: readonly AnyRule[]): boolean {
  return rules.some((rule) => rowOf(rule.kind).countsRows(rule));
}
