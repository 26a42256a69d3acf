import * as z from 'zod/mini';
import { described } from '../../../schema/blocks.ts';

export const blueGreenSchema = described(
  z.literal('blue-green'),
  'blue-green: verify beside what is live, then switch all traffic at once.',
);
