import { UserError } from '../action/errors.ts';
import { kindOf, rowOf, type AnyRule } from './kinds/index.ts';
import type { RuleSurroundings } from './kinds/kind.ts';
import type { WrittenRule } from './kinds/schemas.ts';
import { uniqueIds } from './rule-ids.ts';

/**
 * Settles rules of any kind, in their order. Throws `no-rules` for an empty list, because a gate that asks for nothing must
 * not be green, and what the kinds throw.
 */
export async function settleRules(
  written: readonly WrittenRule[],
  surroundings: RuleSurroundings,
): Promise<AnyRule[]> {
  if (written.length === 0) {
    throw new UserError(
      'no-rules',
      'The gate has no rules, so nothing would be checked. Add at least one under gate.rules, such as {metric: auc, min: 0.7}.',
    );
  }
  const ids = uniqueIds(written.map((rule) => rule.name ?? rowOf(kindOf(rule)).nameOf(rule)));
  const settled: AnyRule[] = [];
  for (const [i, rule] of written.entries()) {
    settled.push(await rowOf(kindOf(rule)).settle(rule, ids[i] as string, surroundings));
  }
  return settled;
}
