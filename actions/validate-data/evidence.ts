import type { ActionContext } from '@sluice/core/action/context.ts';
import type { Decision } from '@sluice/core/action/outcome.ts';
import type { RuleResult } from '@sluice/core/data/rule-result.ts';
import { EVIDENCE_FOLDER, testResultStatement, writeStatement } from '@sluice/core/evidence/statement.ts';
import { writerOf } from '@sluice/core/evidence/writer.ts';
import { findCheckedOut } from '@sluice/core/ledger/checked-out.ts';
import { runDetails } from '@sluice/core/evidence/run-details.ts';
import { runUrl } from '@sluice/core/action/run-url.ts';
import { descriptorOf } from '@sluice/core/evidence/descriptor.ts';
import type { ContractFile } from './contract-file.ts';
import type { DataSet } from './inputs.ts';

export const ACTION = 'validate-data';

/** Writes the test-result statement about the data files and returns its path. */
export async function writeEvidence(
  { directory, env }: Pick<ActionContext, 'directory' | 'env'>,
  decision: Decision,
  data: readonly DataSet[],
  rules: readonly RuleResult[],
  contract: ContractFile | undefined,
): Promise<string> {
  const files = new Map(data.flatMap((set) => set.files).map((file) => [file.absolute, file]));
  const ids = (...verdicts: RuleResult['verdict'][]): string[] =>
    rules.filter((rule) => verdicts.includes(rule.verdict)).map((rule) => `${rule.dataSet}: ${rule.id}`);
  const statement = testResultStatement(
    [...files.values()].map((file) => ({
      name: file.path,
      sha256: file.sha256,
      ...descriptorOf(file.origin),
    })),
    {
      result: decision === 'pass' ? 'PASSED' : decision === 'warn' ? 'WARNED' : 'FAILED',
      configuration:
        contract === undefined ? [] : [{ name: contract.name, digest: { sha256: contract.sha256 } }],
      passedTests: ids('pass'),
      warnedTests: ids('warn'),
      failedTests: ids('fail', 'error'),
      runDetails: runDetails(env, runUrl(env), new Date()),
    },
  );
  return writeStatement(
    directory,
    EVIDENCE_FOLDER,
    ACTION,
    statement,
    writerOf(env, await findCheckedOut(directory)),
  );
}
