import { rightRows } from '../../changed-rows.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../../measured-models.ts';
import { brokenCases, type CasesFinding, type CasesResult, type CasesRule } from './settle.ts';
import { MetricError } from '../../measurement.ts';
import type { Ids } from '../../row-index.ts';
import type { Sample } from '../../sample.ts';

/** The candidate's predictions, as far as there are any. */
export type CasesFound = Pick<MeasuredCandidate, 'sample' | 'ids'>;

/**
 * Judges cases one by one: right means that the prediction is the label. A case that was right and is wrong now breaks
 * the rule; without a baseline every wrong case does. What cannot be told is an error, and so is a list of which
 * neither model has a single case right, because it guards nothing.
 */
export function judgeCases(
  rules: readonly CasesRule[],
  candidate: CasesFound,
  baseline: MeasuredBaseline,
): CasesResult[] {
  return rules.map((rule) => {
    const cases = findCases(rule, candidate, baseline);
    return { kind: 'cases', id: rule.id, rule, verdict: verdictOf(cases, rule), cases };
  });
}

function verdictOf(finding: CasesFinding, { severity }: CasesRule): CasesResult['verdict'] {
  if (finding.found === 'error') return 'error';
  if (brokenCases(finding).length > 0 && severity !== 'info') return severity;
  return finding.found === 'first' ? 'new-baseline' : 'pass';
}

function findCases(
  { cases }: CasesRule,
  { sample, ids }: CasesFound,
  baseline: MeasuredBaseline,
): CasesFinding {
  if (sample === undefined) return unknown('There are no predictions in which to look cases up. Give some.');
  if (ids === undefined) {
    return unknown('The predictions have no id column. Write one, or name it under columns.id.');
  }
  const rowOf = rowsOfCases(cases, ids);
  const missing = cases.filter((id) => !rowOf.has(id));
  if (missing.length > 0) {
    return unknown(
      `${missing.length} of ${cases.length} cases are not in the predictions, the first is '${missing[0]}'. Correct the list, or evaluate on these rows too.`,
    );
  }
  const rightIn = (model: Sample): ((id: string) => boolean) => {
    const right = rightRows(model);
    return (id) => right[rowOf.get(id) as number] === 1;
  };
  try {
    const now = rightIn(sample);
    if (baseline.kind === 'none' || baseline.sample.kind === 'set-aside')
      return { found: 'first', wrong: cases.filter((id) => !now(id)) };
    if (baseline.sample.kind === 'different') {
      return { found: 'error', reason: 'different-test-set', message: baseline.sample.message };
    }
    if (baseline.sample.kind === 'absent') {
      return unknown(
        'The baseline has no stored predictions, so it is not known what it had right. Set gate.evaluate, so that it is scored again.',
      );
    }
    return compare(cases, now, rightIn(baseline.sample.value));
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return { found: 'error', reason: error.reason, message: error.message };
  }
}

function rowsOfCases(cases: readonly string[], ids: Ids): Map<string, number> {
  const asked = new Set<unknown>(cases);
  const rowOf = new Map<string, number>();
  for (let row = 0; row < ids.length; row++) {
    const id = ids.at(row);
    if (asked.has(id)) rowOf.set(id as string, row);
  }
  return rowOf;
}

function compare(
  cases: readonly string[],
  now: (id: string) => boolean,
  before: (id: string) => boolean,
): CasesFinding {
  const stillWrong = cases.filter((id) => !before(id) && !now(id));
  if (stillWrong.length === cases.length) {
    return unknown(
      `Neither model has any of the ${cases.length} cases right, so the list guards nothing. Name cases that are right; a prediction is right when it is the label, which numbers hardly ever are.`,
    );
  }
  return {
    found: 'compared',
    broke: cases.filter((id) => before(id) && !now(id)),
    fixed: cases.filter((id) => !before(id) && now(id)),
    stillWrong,
  };
}

function unknown(message: string): CasesFinding {
  return { found: 'error', reason: 'unknown-case', message };
}
