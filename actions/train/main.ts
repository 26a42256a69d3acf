import { runAction } from '@sluice/core/action/run-action.ts';
import { INPUTS, OUTPUTS, REASONS } from './definition.ts';

await runAction({
  name: 'train',
  inputs: INPUTS,
  outputs: OUTPUTS,
  reasons: REASONS,
  verdicts: { fail: 'was not trained', error: 'could not be trained' },
  load: () => import('./run.ts'),
});
