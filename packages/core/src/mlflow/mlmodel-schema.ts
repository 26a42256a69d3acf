import * as z from 'zod/mini';
import { described, oneOrMore, text } from '../schema/blocks.ts';

export const mlmodelSchema = z.strictObject({
  'loader-module': described(
    text,
    'Python module with a function _load_pyfunc(path), such as mlflow.sklearn or one of your own.',
  ),
  data: z.optional(
    described(text, 'The file or folder of the model that the function is given. Default: all of it.'),
  ),
  code: z.optional(described(oneOrMore, 'Python files and packages that travel with the model.')),
  requirements: z.optional(described(text, 'The requirements file of the environment that loads the model.')),
  'python-version': z.optional(described(text, 'The Python that loads the model, such as 3.12.4.')),
});

export type MlmodelConfig = z.infer<typeof mlmodelSchema>;
