import * as z from 'zod/mini';
import { described } from '../../../schema/blocks.ts';

export const jsonSchema = described(
  z.literal('json'),
  'json: a golden input is the whole body of a request, and the whole answer is the prediction. Default.',
);
