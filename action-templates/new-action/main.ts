import { runAction } from '@sluice/core/action/run-action.ts';
import { INPUTS, OUTPUTS, REASONS } from './definition.ts';

await runAction({
  name: 'model-size',
  inputs: INPUTS,
  outputs: OUTPUTS,
  reasons: REASONS,
  verdicts: { fail: 'is too large', error: 'could not be measured' },
  load: () => import('./run.ts'),
});
