import { brokenCases, type CasesFinding, type CasesResult, type CasesRule } from './settle.ts';
import type { BaselineEvidence } from '../metric/judge.ts';
import { MetricError } from '../../measurement.ts';
import { everyRepeat } from '../../repeats.ts';
import type { Ids } from '../../row-index.ts';
import { encodeClasses, type Sample } from '../../sample.ts';

/** The candidate's predictions, as far as there are any. */
export interface CaseEvidence {
  readonly sample?: Sample;
  /** For each row its id; absent when the predictions have none. */
  readonly ids?: Ids;
}

/**
 * Judges cases one by one: right means that the prediction is the label. A case that was right and is wrong now breaks
 * the rule; without a baseline every wrong case does. What cannot be told is an error, and so is a list of which
 * neither model has a single case right, because it guards nothing.
 */
export function judgeCases(
  rules: readonly CasesRule[],
  candidate: CaseEvidence,
  baseline: BaselineEvidence,
): CasesResult[] {
  return rules.map((rule) => {
    const cases = findCases(rule, candidate, baseline);
    return { id: rule.id, rule, verdict: verdictOf(cases, rule), cases };
  });
}

function verdictOf(finding: CasesFinding, { severity }: CasesRule): CasesResult['verdict'] {
  if (finding.found === 'error') return 'error';
  if (brokenCases(finding).length > 0 && severity !== 'info') return severity;
  return finding.found === 'first' ? 'new-baseline' : 'pass';
}

function findCases(
  { cases }: CasesRule,
  { sample, ids }: CaseEvidence,
  baseline: BaselineEvidence,
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
    if (baseline.kind === 'none') return { found: 'first', wrong: cases.filter((id) => !now(id)) };
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

/** For each row 1 when its prediction is the label in every repeat, else 0. */
function rightRows(sample: Sample): Uint8Array {
  const right = new Uint8Array(sample.rows).fill(1);
  for (const one of everyRepeat(sample)) {
    const { truth, guess } = encodeClasses(one);
    for (let row = 0; row < right.length; row++) if (truth[row] !== guess[row]) right[row] = 0;
  }
  return right;
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

/** Which rows only the baseline (`broke`) or only the candidate (`fixed`) has right. */
export interface ChangedRows {
  readonly rows: number;
  readonly broke: number;
  readonly fixed: number;
  /** The first ids of each, in the order of the rows; absent without an id column. */
  readonly ids?: { readonly broke: readonly string[]; readonly fixed: readonly string[] };
}

/** More ids than this do not help to find out what they have in common. */
const IDS_KEPT = 20;

interface Tally {
  count: number;
  readonly first: number[];
}

/** Finds the rows that changed; undefined where the two models were not both measured on the same rows. */
export function changedRows(
  { sample, ids }: CaseEvidence,
  baseline: BaselineEvidence,
): ChangedRows | undefined {
  if (sample?.prediction === undefined || baseline.kind === 'none' || baseline.sample.kind !== 'same') {
    return undefined;
  }
  if (baseline.sample.value.prediction === undefined) return undefined;
  try {
    const now = rightRows(sample);
    const before = rightRows(baseline.sample.value);
    const broke: Tally = { count: 0, first: [] };
    const fixed: Tally = { count: 0, first: [] };
    for (let row = 0; row < now.length; row++) {
      if (now[row] === before[row]) continue;
      const tally = now[row] === 1 ? fixed : broke;
      if (tally.count++ < IDS_KEPT) tally.first.push(row);
    }
    const known = { rows: sample.rows, broke: broke.count, fixed: fixed.count };
    if (ids === undefined) return known;
    const named = ({ first }: Tally): string[] => first.map((row) => ids.at(row) as string);
    return { ...known, ids: { broke: named(broke), fixed: named(fixed) } };
  } catch (error) {
    // The rules that need these numbers say what is wrong with them.
    if (error instanceof MetricError) return undefined;
    throw error;
  }
}
