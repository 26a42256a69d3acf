import * as z from 'zod/mini';
import { described, text } from '@sluice/core/schema/blocks.ts';

export const pointerSchema = z.strictObject({
  type: described(z.literal('pointer'), 'pointer: one file names the version that a server loads.'),
  path: described(text, 'The folder with the versions and the file `version`.'),
});

export type PointerConfig = z.infer<typeof pointerSchema>;
