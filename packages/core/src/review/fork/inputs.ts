import { UserError } from '../../action/errors.ts';

/** What a step may be told to judge. */
type JudgedInputs = Readonly<Partial<Record<'model-path' | 'metrics' | 'predictions', string>>>;

/** Throws `bad-input` for inputs that would have a fork's model loaded, or its numbers believed. */
export function refuseUntrustedInputs(inputs: JudgedInputs): void {
  for (const name of ['model-path', 'metrics'] as const) {
    if (inputs[name] === undefined) continue;
    throw new UserError(
      'bad-input',
      `Input '${name}' is '${inputs[name]}', but in a run about a fork's pull request nothing of the fork is used except its predictions: a model can run code when it is loaded, and logged numbers cannot be checked. Remove '${name}'.`,
    );
  }
  if (inputs.predictions !== undefined) return;
  throw new UserError(
    'bad-input',
    "A run about a fork's pull request judges the predictions that the fork's own run left; nothing of the fork is run here. Set the input 'predictions' to the file in the downloaded artifact.",
  );
}
