import type { Decision } from '@sluice/core/action/outcome.ts';
import type { DriftResult } from '@sluice/core/data/drift.ts';
import { formatCount, type RuleResult } from '@sluice/core/data/rule-result.ts';
import type { Reason } from './definition.ts';

/** What the rules and the drift come to. */
export interface DataVerdict {
  readonly decision: Decision;
  readonly reasonCode: Reason;
  readonly message: string;
}

const MOST_NAMED = 5;

/**
 * A failed rule is `fail`, also beside rules that cannot be judged: the data is wrong whatever they say. Without one, a
 * rule that cannot be judged is `error`. Warnings and drift are `warn`.
 */
export function decide(
  rules: readonly RuleResult[],
  drift: readonly DriftResult[],
  size: { readonly rows: number; readonly files: number },
): DataVerdict {
  const by = (verdict: RuleResult['verdict']): RuleResult[] =>
    rules.filter((rule) => rule.verdict === verdict);
  const [failed, errors, warned] = [by('fail'), by('error'), by('warn')];
  const drifted = [...new Set(drift.filter((d) => d.verdict === 'warn').map((d) => d.column))];
  const judged = rules.filter((rule) => rule.verdict !== 'info').length;
  const rows = `${formatCount(size.rows)} ${size.rows === 1 ? 'row' : 'rows'}`;
  if (failed.length > 0) {
    const unreadable = failed.every((rule) => rule.kind === 'records');
    const unknown = errors.length === 0 ? '' : `; ${errors.length} more cannot be judged`;
    return {
      decision: 'fail',
      reasonCode: unreadable ? 'unreadable-data' : 'contract-violated',
      message: `${failed.length} of ${judged} rules failed on ${rows}: ${named(failed.map(label))}${unknown}.`,
    };
  }
  if (errors.length > 0) {
    return {
      decision: 'error',
      reasonCode: 'unknown-rule',
      message: `${errors.length} of ${judged} rules cannot be judged: ${named(errors.map(label))}. ${errors[0]?.message ?? ''}`,
    };
  }
  const drifting =
    drifted.length === 0 ? '' : `${drifted.length} columns drifted from the reference: ${named(drifted)}`;
  if (warned.length > 0) {
    return {
      decision: 'warn',
      reasonCode: 'contract-violated',
      message: `${warned.length} of ${judged} rules warn on ${rows}: ${named(warned.map(label))}${drifting === '' ? '' : `; ${drifting}`}.`,
    };
  }
  if (drifting !== '') {
    return { decision: 'warn', reasonCode: 'drift', message: `All ${judged} rules hold, but ${drifting}.` };
  }
  return {
    decision: 'pass',
    reasonCode: 'ok',
    message: `All ${judged} rules hold for ${rows} in ${size.files} ${size.files === 1 ? 'file' : 'files'}.`,
  };
}

/** A rule's id, with the data set where it matters. */
function label(rule: RuleResult): string {
  return rule.dataSet === 'data' ? rule.id : `${rule.dataSet}: ${rule.id}`;
}

function named(items: readonly string[]): string {
  const more = items.length - MOST_NAMED;
  return `${items.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
