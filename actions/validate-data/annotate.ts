import type { RuleResult } from '@sluice/core/data/rule-result.ts';
import type { ContractFile } from './contract-file.ts';
import { shown, type Context } from './context.ts';

/** GitHub shows ten annotations of a level per step; the last one is left for the verdict. */
const MOST = 9;

/** Annotates the lines of text files, or the contract's lines, of what does not hold. */
export function annotate(
  context: Context,
  rules: readonly RuleResult[],
  contract: ContractFile | undefined,
): void {
  const notable = rules.filter((rule) => rule.verdict !== 'pass' && rule.verdict !== 'info');
  for (const rule of notable.slice(0, MOST)) {
    const first = rule.places[0];
    const place =
      first?.line !== undefined
        ? { file: shown(context, first.file.absolute), line: first.line }
        : rule.path !== undefined && contract !== undefined
          ? { file: contract.name, line: contract.lineOf(rule.path) }
          : {};
    const row = first === undefined ? '' : ` First: row ${first.row} of ${first.file.path}.`;
    context.log.warning(`${rule.message}${row}`, {
      title: `${rule.verdict}: ${rule.id} (${rule.dataSet})`,
      ...place,
    });
  }
}
