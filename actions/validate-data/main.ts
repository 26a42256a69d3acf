import { runAction } from '@sluice/core/action/run-action.ts';
import { INPUTS, OUTPUTS, REASONS } from './definition.ts';

await runAction({
  name: 'validate-data',
  inputs: INPUTS,
  outputs: OUTPUTS,
  reasons: REASONS,
  load: () => import('./run.ts'),
});
