import * as z from 'zod/mini';
import { described, duration, oneOrMore, text } from '../../schema/blocks.ts';

export const trainSection = z.strictObject({
  run: z.optional(described(text, 'The training command. It runs without a shell.')),
  pipeline: z.optional(
    described(text, 'The dvc.yaml to reproduce with DVC, instead of a command. Excludes run.'),
  ),
  sources: z.optional(described(oneOrMore, 'Code that the result depends on: files, folders or globs.')),
  params: z.optional(described(oneOrMore, 'Parameter files (YAML or JSON).')),
  'environment-files': z.optional(
    described(oneOrMore, 'Files that pin the environment, such as requirements.txt.'),
  ),
  'model-path': z.optional(described(text, 'The file or folder that the command writes the model to.')),
  metrics: z.optional(described(text, 'The metrics file (JSON or YAML) that the command writes.')),
  predictions: z.optional(described(text, 'The predictions file that the command writes.')),
  outputs: z.optional(
    described(
      oneOrMore,
      'What else the command writes and later steps read, files or folders: it comes back where the command is skipped.',
    ),
  ),
  cache: z.optional(
    described(
      z.boolean(),
      'Skip the command when nothing it depends on changed. Default true, where data.train names what it is trained on.',
    ),
  ),
  timeout: z.optional(described(duration, 'Longest run time, such as 90s, 45m or 6h. Default 6h.')),
});
