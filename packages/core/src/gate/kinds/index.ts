import { casesKind } from './cases/kind.ts';
import { conditionKind } from './condition/kind.ts';
import { fairnessKind } from './fairness/kind.ts';
import type { RuleKind } from './kind.ts';
import { metricKind } from './metric/kind.ts';
import type { Kind, WrittenRule } from './schemas.ts';

/** Every kind of rule, in the order in which results are listed. A kind whose schema is known and that has no row does not compile. */
export const KINDS = {
  metric: metricKind,
  cases: casesKind,
  fairness: fairnessKind,
  condition: conditionKind,
} satisfies { readonly [K in Kind]: RuleKind<K, WrittenRule<K>> };

/** A settled rule, of any kind or of those named. */
export type AnyRule<K extends Kind = Kind> = {
  [P in K]: Parameters<(typeof KINDS)[P]['judge']>[0][number];
}[K];

/** A result, of any kind or of those named. */
export type AnyResult<K extends Kind = Kind> = {
  [P in K]: ReturnType<(typeof KINDS)[P]['judge']>[number];
}[K];

/** Why a result of any kind is no plain pass. */
export type RuleReason = { [K in Kind]: ReturnType<(typeof KINDS)[K]['reasonOf']> }[Kind];

/** A row of the table, whichever. */
export interface AnyKind extends RuleKind<Kind, WrittenRule, AnyRule, AnyResult> {
  reasonOf(result: AnyResult): RuleReason;
}

/** The names of the kinds, in the order of the table. */
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

/** The row of a kind. It takes rules and results of its kind. */
export function rowOf(kind: Kind): AnyKind {
  return KINDS[kind];
}

/** The kind of a rule that a schema has parsed, which has the key of its kind. */
export function kindOf(written: WrittenRule): Kind {
  return KIND_NAMES.find((kind) => kind in written) as Kind;
}

/** Those of one kind, in their order. */
export function ofKind<K extends Kind, T extends { readonly kind: Kind }>(
  kind: K,
  all: readonly T[],
): Extract<T, { readonly kind: K }>[] {
  return all.filter((one): one is Extract<T, { readonly kind: K }> => one.kind === kind);
}
