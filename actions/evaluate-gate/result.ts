import { baselineEntry, isSameModel } from '@sluice/core/baseline/entry.ts';
import { budgetEntry } from '@sluice/core/gate/report/budget-words.ts';
import { changedRulesEntry } from '@sluice/core/gate/report/changed-rules.ts';
import { countVerdicts } from '@sluice/core/gate/report/counts.ts';
import { resultLists, type GateResult } from '@sluice/core/gate/report/result.ts';
import { acknowledgementEntry } from '@sluice/core/review/acknowledgement.ts';
import type { GateFindings } from './findings.ts';

export { resultSchema } from '@sluice/core/gate/report/result.ts';

/** What was found, as `result` has it. */
export function resultOf(findings: GateFindings): GateResult {
  const { candidate, testSet, held, found, results, changed } = findings;
  return {
    'model-digest': candidate.model?.sha256 ?? null,
    'test-set-digest': testSet?.digest ?? null,
    'rows-held':
      held === undefined ? null : { evaluated: held.rows, declared: held.declared ?? null, by: [...held.by] },
    baseline: baselineEntry(found, Date.now()),
    'same-model': isSameModel(candidate.model?.sha256, found),
    ...resultLists(results),
    'changed-rows':
      changed === undefined ? null : { rows: changed.rows, broke: changed.broke, fixed: changed.fixed },
    'changed-rules': changedRulesEntry(findings.rules),
    budget: budgetEntry(findings.budget),
    acknowledgement: acknowledgementEntry(findings.acknowledgement),
    summary: countVerdicts(results),
  };
}
