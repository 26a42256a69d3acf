import { formatTag } from '@sluice/core/ledger/grammar.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import type { DeployOutcome } from './definition.ts';

/**
 * The outcome, as a warning when the ledger said before that the model is deprecated. A deployment that went wrong keeps
 * its own reason, and so does one that had nothing to do.
 */
export function withDeprecation(
  outcome: DeployOutcome,
  { model, deprecated }: Pick<ModelState, 'model' | 'deprecated'>,
): DeployOutcome {
  if (!deprecated || !['ok', 'not-verified'].includes(outcome.reasonCode)) return outcome;
  const tag = formatTag({ kind: 'deprecation', model });
  const notice = `The ledger said that ${model} is deprecated (tag ${tag}). A deployment ends that: write the tag again if it shall stay so, or deploy the model that took its place.`;
  return {
    ...outcome,
    decision: 'warn',
    reasonCode: 'deprecated',
    message: `${outcome.message} ${notice}`,
  };
}
