import * as z from 'zod/mini';
import { mlmodelSchema } from '../mlflow/mlmodel-schema.ts';
import { described, text } from '../schema/blocks.ts';

const encryptionKeys = {
  sse: z.optional(
    described(
      z.enum(['AES256', 'aws:kms']),
      'How a store in S3 has new objects encrypted. Default: as the bucket says.',
    ),
  ),
  'kms-key-id': z.optional(
    described(
      text,
      'With sse aws:kms, the key: its id, alias or ARN. Default: the key of the bucket or of S3.',
    ),
  ),
};

const gitRegistry = z.strictObject({
  type: described(z.literal('git'), 'git: the ledger of annotated tags is the registry.'),
  store: z.optional(
    described(
      text,
      'Where model bytes live: dir:/path, s3://bucket/prefix, release: for releases of the repository, or mlflow: for an MLflow server.',
    ),
  ),
  ...encryptionKeys,
});

const mlflowRegistry = z.strictObject({
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
  ...encryptionKeys,
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

export const registrySection = z.discriminatedUnion('type', [gitRegistry, mlflowRegistry]);

export type RegistrySection = z.infer<typeof registrySection>;
