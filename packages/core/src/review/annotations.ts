import type { Annotation } from '../forge/mark.ts';
import { effectOf } from '../gate/gate-verdict.ts';
import type { AnyResult } from '../gate/kinds/index.ts';
import { worst, type Effect } from '../gate/verdict.ts';
import { describeResult } from '../gate/report/sentences.ts';
import type { RuleLines } from './rule-lines.ts';

const LEVELS = { error: 'failure', fail: 'failure', warn: 'warning' } as const;
type Noted = keyof typeof LEVELS;

/** One remark at each rule of sluice.yaml that does not hold: its worst result, and how many are like it. */
export function annotationsOf(results: readonly AnyResult[], lines: RuleLines | undefined): Annotation[] {
  if (lines === undefined) return [];
  const byRule = new Map<object, AnyResult[]>();
  for (const result of results.filter((r) => isNoted(effectOf(r)))) {
    byRule.set(result.rule, [...(byRule.get(result.rule) ?? []), result]);
  }
  return [...byRule].flatMap(([rule, own]) => {
    const line = lines.lineOf.get(rule);
    return line === undefined ? [] : [annotation(own, line, lines.path)];
  });
}

function annotation(results: readonly AnyResult[], line: number, path: string): Annotation {
  const effect = worst(results.map(effectOf).filter(isNoted));
  const alike = results.filter((result) => effectOf(result) === effect);
  const [first] = alike as [AnyResult];
  const more = alike.length - 1;
  return {
    path,
    line,
    level: LEVELS[effect],
    title: `${effect}: ${first.id}`,
    message: `${describeResult(first)}${more === 0 ? '' : ` And ${more} more of this rule.`}`,
  };
}

function isNoted(effect: Effect): effect is Noted {
  return effect in LEVELS;
}
