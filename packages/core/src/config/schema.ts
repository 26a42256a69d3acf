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
  data: z.optional(dataSection),
  train: z.optional(trainSection),
  gate: z.optional(gateSection),
  registry: z.optional(registrySection),
  evidence: z.optional(evidenceSection),
  card: z.optional(cardSection),
  environments: z.optional(z.record(z.string(), environmentSection)),
});

export type Config = z.infer<typeof configSchema>;
