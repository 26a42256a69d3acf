import * as z from 'zod/mini';
import { described, text } from '../../schema/blocks.ts';

export const cardSection = z.strictObject({
  'intended-use': z.optional(described(text, 'What the model is for, in Markdown.')),
  limitations: z.optional(described(text, 'What it is not for, and where it is weak, in Markdown.')),
  license: z.optional(described(text, 'License of the model, such as apache-2.0.')),
  task: z.optional(described(text, "The Hub's name of the task, such as tabular-classification.")),
  library: z.optional(described(text, "The Hub's name of the library, such as sklearn.")),
  tags: z.optional(described(z.array(text), 'Words to find the model by.')),
});

export type CardConfig = z.infer<typeof cardSection>;
