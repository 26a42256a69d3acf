import { gatesAbout, type ModelIdentity } from './passport.ts';
import type { Statement, TestResultStatement } from './statement.ts';

/** Who accepted a failing gate, when and where, as in `accepted by ada on 2026-01-02 (pull request 7)`; undefined where nobody did. */
export function acceptanceOf({ predicate }: TestResultStatement): string | undefined {
  if (predicate.acknowledged === undefined) return undefined;
  const { by, at, 'pull-request': pull } = predicate.acknowledged;
  return `accepted by ${by} on ${at.slice(0, 10)}${pull === undefined ? '' : ` (pull request ${pull})`}`;
}

/** One sentence, plain text, for each gate of this model that failed and was accepted. */
export function acceptedFailures(statements: readonly Statement[], model: ModelIdentity): string[] {
  return gatesAbout(statements, model).flatMap((gate) => {
    const acceptance = acceptanceOf(gate);
    if (acceptance === undefined) return [];
    const rules = (gate.predicate.failedTests ?? []).join(', ');
    return [`The gate of this model failed${rules === '' ? '' : ` (${rules})`}, and that was ${acceptance}.`];
  });
}
