import { runAction } from '@sluice/core/action/run-action.ts';
import { INPUTS, OUTPUTS, REASONS } from './definition.ts';

await runAction({
  name: 'fetch-model',
  inputs: INPUTS,
  outputs: OUTPUTS,
  reasons: REASONS,
  load: () => import('./run.ts'),
});
