import { acceptanceOf } from './accepted.ts';
import { relations, type Relation } from './passport.ts';
import { TEST_RESULT, type Statement, type TestResultStatement } from './statement.ts';

/** One row of the report: what a statement says and about what. */
export interface EvidenceRow {
  readonly action: string;
  readonly verdict: string;
  readonly about: Relation;
}

/** A row for each statement, seen from one model. */
export function evidenceRows(statements: readonly Statement[], modelDigest: string): EvidenceRow[] {
  const about = relations(statements, modelDigest);
  return statements.map((s) => {
    const relation = about.get(s) ?? 'other';
    if (s.predicateType !== TEST_RESULT) return { action: 'train', verdict: 'recorded', about: relation };
    const gate = s.subject.some(({ name }) => name.startsWith('model:'));
    return {
      action: gate ? 'evaluate-gate' : 'validate-data',
      verdict: verdictOf(s),
      about: relation,
    };
  });
}

/** A failure that was accepted is a warning to the gate; whoever registers the model sees which it was. */
function verdictOf(statement: TestResultStatement): string {
  const acceptance = acceptanceOf(statement);
  return acceptance === undefined ? statement.predicate.result.toLowerCase() : `failed, ${acceptance}`;
}
