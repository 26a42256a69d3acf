import * as z from 'zod/mini';

/** What `result` of register-model says of a version in MLflow. */
export const mlflowEntry = z.object({
  'experiment-id': z.string(),
  'run-id': z.string(),
  'model-id': z.string(),
  version: z.string(),
  uri: z.string(),
  page: z.string(),
});

export type MlflowEntry = z.infer<typeof mlflowEntry>;
