import { runAction } from '@sluice/core/action/run-action.ts';
import { INPUTS, OUTPUTS, REASONS } from './definition.ts';

await runAction({
  name: 'evaluate-gate',
  inputs: INPUTS,
  outputs: OUTPUTS,
  reasons: REASONS,
  verdicts: { fail: 'does not pass its gate', error: 'could not be judged' },
  load: () => import('./run.ts'),
});
