import { runAction } from '@sluice/core/action/run-action.ts';
import { INPUTS, OUTPUTS, REASONS } from './definition.ts';

await runAction({
  name: 'deploy',
  inputs: INPUTS,
  outputs: OUTPUTS,
  reasons: REASONS,
  verdicts: { fail: 'was not deployed', error: 'could not be deployed' },
  load: () => import('./run.ts'),
});
