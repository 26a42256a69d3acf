import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';

export const templateSchema = z.strictObject({
  template: described(
    z.strictObject({
      request: z.optional(
        described(
          z.unknown(),
          "The body of a request, with the text '{input}' where the golden input goes, such as {instances: ['{input}']}. Default '{input}'.",
        ),
      ),
      answer: z.optional(
        described(
          text,
          'Where in the body of an answer the prediction lies, such as predictions[0]. Default: the whole body.',
        ),
      ),
    }),
    'template: JSON in a form of its own.',
  ),
});

export type TemplateConfig = z.infer<typeof templateSchema>;
