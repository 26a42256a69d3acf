import type { Log } from '../action/log.ts';
import type { ModelState } from './state.ts';

/** Problems that are said one by one; of more there is a count. */
const MOST = 10;

/** Warns of the tags that do not count, or that other readers of the ledger stumble over. */
export function warnOfProblems(
  { model, problems }: Pick<ModelState, 'model' | 'problems'>,
  log: Pick<Log, 'warning'>,
): void {
  for (const problem of problems.slice(0, MOST)) log.warning(problem);
  if (problems.length > MOST)
    log.warning(
      `${problems.length - MOST} more tags of ${model} have problems. List them: git ls-remote --tags origin '${model}*'`,
    );
}
