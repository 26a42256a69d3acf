import * as z from 'zod/mini';
import { mlmodelSchema } from '../../mlflow/mlmodel-schema.ts';
import { described, text } from '../../schema/blocks.ts';
import { formerStoreKeys } from '../former-stores.ts';
import { goldenKeys } from '../golden-keys.ts';
import { encryptionKeys } from '../../store/s3/encryption.ts';

export const mlflowSection = z.strictObject({
  type: described(
    z.literal('mlflow'),
    'mlflow: an MLflow server shows what the ledger says; version 3 there is v3.0.0 here.',
  ),
  'tracking-uri': z.optional(
    described(text, 'Address of the MLflow server, or databricks. Default: MLFLOW_TRACKING_URI of the job.'),
  ),
  store: z.optional(
    described(
      text,
      'Where model bytes live: mlflow: (the server itself, the default), dir:/path, s3://bucket/prefix or release:.',
    ),
  ),
  ...formerStoreKeys,
  ...encryptionKeys,
  ...goldenKeys,
  experiment: z.optional(
    described(text, 'The MLflow experiment of the runs. Default: the name of the model.'),
  ),
  name: z.optional(
    described(text, 'The name of the registered model in MLflow. Default: the name of the model.'),
  ),
  mlmodel: z.optional(
    described(mlmodelSchema, 'How MLflow is to load a model that has no MLmodel file of its own.'),
  ),
});

export type MlflowSection = z.infer<typeof mlflowSection>;
