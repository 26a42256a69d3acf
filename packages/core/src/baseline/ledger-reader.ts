import type { ActionContext } from '../action/context.ts';
import { isUserError } from '../action/errors.ts';
import { openLedger, type Ledger } from '../ledger/repository.ts';
import type { ModelState } from '../ledger/state.ts';

/** Reads what the ledger says about the model, or why there is no ledger. */
export type LedgerReader = () => Promise<ModelState | string>;

/** The ledger is read once, and only when something needs it. Throws when it is there but cannot be read. */
export function ledgerReader(context: ActionContext, model: string): LedgerReader {
  let state: Promise<ModelState | string> | undefined;
  const read = async (): Promise<ModelState | string> => {
    const ledger = await openLedgerIfAny(context);
    return typeof ledger === 'string' ? ledger : ledger.read(model);
  };
  return () => (state ??= read());
}

/** Opens the ledger with the job's token. Throws `bad-config` without a repository or a remote. */
export function openLedgerOf({ directory, env, inputs, log, signal }: ActionContext): Promise<Ledger> {
  const access = { token: inputs['github-token'], serverUrl: env['GITHUB_SERVER_URL'] };
  return openLedger({ directory, ...access, log, signal });
}

/** Without a repository or a remote there is no ledger, hence no baseline; one that cannot be read is an error. */
export async function openLedgerIfAny(context: ActionContext): Promise<Ledger | string> {
  try {
    return await openLedgerOf(context);
  } catch (error) {
    if (isUserError(error) && error.reasonCode === 'bad-config') return error.message;
    throw error;
  }
}
