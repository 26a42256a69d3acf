import * as z from 'zod/mini';
import { described } from '@sluice/core/schema/blocks.ts';

export const halvesSchema = described(
  z.literal('halves'),
  'halves: half the traffic first, and all of it when the version was read back.',
);
