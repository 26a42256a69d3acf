import * as z from 'zod/mini';
import { described } from '@sluice/core/schema/blocks.ts';

export const rowsSchema = described(
  z.literal('rows'),
  'rows: a golden input is the one row of a table, and the answer is a list of predictions.',
);
