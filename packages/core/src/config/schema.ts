import * as z from 'zod/mini';
import { environmentSection } from './sections/environment.ts';
import { evidenceSection } from '../evidence/section.ts';
import { gateSection } from '../gate/section.ts';
import { registrySection } from '../registry/section.ts';
import { described, text } from '../schema/blocks.ts';
import { cardSection } from './sections/card.ts';
import { dataSection } from './sections/data.ts';
import { trainSection } from './sections/train.ts';

/*
 * The schema of sluice.yaml, put together from what the rooms bring; schemas/sluice.schema.json is generated from it, so
 * every rule that an editor can check stands in a schema, and the others in the code that uses the value.
 */

export const configSchema = z.strictObject({
  version: described(z.literal(1), 'Version of this file format.'),
  model: z.optional(described(text, "The model's name: letters, digits, - and _.")),
  data: z.optional(described(dataSection, 'The data that the model is made from and judged by.')),
  train: z.optional(described(trainSection, 'How the model is trained, and what the training leaves.')),
  gate: z.optional(
    described(gateSection, 'What a model has to fulfil, and which model it is compared with.'),
  ),
  registry: z.optional(
    described(
      registrySection,
      'Where versions are shown, and where their bytes are kept. Default {type: git}.',
    ),
  ),
  evidence: z.optional(
    described(evidenceSection, 'What has to vouch for a model before it is registered, deployed or fetched.'),
  ),
  card: z.optional(described(cardSection, 'What the model card says besides what was recorded.')),
  environments: z.optional(
    described(
      z.record(z.string(), environmentSection),
      'Places that serve one version each, by their names.',
    ),
  ),
});

export type Config = z.infer<typeof configSchema>;
