import { runAction } from '@sluice/core/action/run-action.ts';
import { INPUTS, OUTPUTS, REASONS } from './definition.ts';

await runAction({
  name: 'validate-data',
  inputs: INPUTS,
  outputs: OUTPUTS,
  reasons: REASONS,
  verdicts: { fail: 'does not pass its data checks', error: 'could not have its data checked' },
  load: () => import('./run.ts'),
});
