import type { ActionContext } from '@sluice/core/action/context.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import type { INPUTS, OUTPUTS, Reason } from './definition.ts';
import { readSettings } from './inputs.ts';
import type { Result } from './result.ts';

export async function run(
  context: ActionContext<(typeof INPUTS)[number]>,
): Promise<Outcome<Reason, (typeof OUTPUTS)[number]>> {
  const { model, modelPath, maxBytes } = await readSettings(context);
  const { bytes } = await digestModel(modelPath);
  const result: Result = { bytes, 'max-bytes': maxBytes };
  const fits = bytes <= maxBytes;
  return {
    decision: fits ? 'pass' : 'fail',
    reasonCode: fits ? 'ok' : 'too-large',
    message: `${model} has ${bytes} bytes; ${maxBytes} are allowed.`,
    model,
    outputs: { bytes },
    result,
  };
}
