import * as z from 'zod/mini';
import { described } from '@sluice/core/schema/blocks.ts';

export const steadySchema = described(
  z.literal('steady'),
  'steady: as direct, and the version is read back once more when it is verified.',
);
