import * as z from 'zod/mini';
import { described, text } from '../../schema/blocks.ts';
import { formerStoreKeys } from '../former-stores.ts';
import { goldenKeys } from '../golden-keys.ts';
import { encryptionKeys } from '../../store/s3/encryption.ts';

export const gitSection = z.strictObject({
  type: described(z.literal('git'), 'git: the ledger of annotated tags is the registry.'),
  store: z.optional(
    described(
      text,
      'Where model bytes live: dir:/path, s3://bucket/prefix, release: for releases of the repository, or mlflow: for an MLflow server.',
    ),
  ),
  ...formerStoreKeys,
  ...encryptionKeys,
  ...goldenKeys,
});
