import { KIND_NAMES, ofKind, type AnyRule } from './kinds/index.ts';

/**
 * The rules as gate.json and the statement have them, in the order of their kinds. Their kind is left out: it follows from
 * the other keys, and what was recorded or accepted before there were kinds has to stay the same.
 */
export function recordedRules(rules: readonly AnyRule[]): object[] {
  return KIND_NAMES.flatMap((kind) => ofKind(kind, rules)).map(withoutKind);
}

/** The same for JSON, which leaves out what is undefined, with its keys in their order. */
export function withoutKind(one: object): object {
  return { ...one, kind: undefined };
}
