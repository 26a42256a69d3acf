import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { readModelName } from '@sluice/core/action/subject.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { loadConfig } from '@sluice/core/config/load.ts';
import type { INPUTS, Reason } from './definition.ts';

export interface Settings {
  readonly model: string;
  /** Absolute. */
  readonly modelPath: string;
  readonly maxBytes: number;
}

/** An input that is set wins over sluice.yaml. */
export async function readSettings(context: ActionContext<(typeof INPUTS)[number]>): Promise<Settings> {
  const { config, base } = await loadConfig(context);
  const input = context.inputs['model-path'];
  const given = input ?? config.train?.['model-path'];
  if (given === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      "No model is given. Set the input 'model-path' or train.model-path in sluice.yaml.",
    );
  }
  return {
    model: readModelName(context.inputs.model ?? config.model),
    modelPath: await insideWorkspace(
      context.workspace,
      input === undefined ? base : context.directory,
      given,
      {
        what: 'the model path',
        kind: 'any',
      },
    ),
    maxBytes: parseBytes(context.inputs['max-bytes']),
  };
}

function parseBytes(given: string | undefined): number {
  if (given === undefined || !/^\d{1,15}$/.test(given)) {
    throw new UserError<Reason>(
      'bad-input',
      `Input 'max-bytes' is '${given ?? ''}'. Write a whole number of bytes, such as 50000000.`,
    );
  }
  return Number(given);
}
