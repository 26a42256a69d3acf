import { UserError } from '@sluice/core/action/errors.ts';
import { digestModel, type ModelDigest } from '@sluice/core/digest/model.ts';
import { UnusableModelError } from '@sluice/core/digest/unusable.ts';
import type { Reason } from './definition.ts';

/** Digests the model. Throws `bad-input` for what is no model: nothing in it, or a link. */
export async function identify(modelPath: string): Promise<ModelDigest> {
  const digest = await digestModel(modelPath).catch((error: unknown) => {
    if (error instanceof UnusableModelError) {
      throw new UserError<Reason>('bad-input', `The model cannot be registered. ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  });
  if (digest.bytes > 0) return digest;
  throw new UserError<Reason>(
    'bad-input',
    `The model '${modelPath}' is empty: 0 bytes in ${digest.files.length} file(s). Check that the training wrote it.`,
  );
}
