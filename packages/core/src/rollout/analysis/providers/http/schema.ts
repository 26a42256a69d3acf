import * as z from 'zod/mini';
import { described, text } from '../../../../schema/blocks.ts';
import { judgingKeys, shareKeys, timeoutKey } from '../keys.ts';

export const httpSchema = z.strictObject({
  provider: described(
    z.literal('http'),
    'http: counts of requests and errors of each version, asked of a server of your own.',
  ),
  ...judgingKeys,
  url: z.optional(
    described(
      text,
      'Address that answers the counts; ${NAME} is filled in. Default: SLUICE_ANALYSIS_URL of the environment.',
    ),
  ),
  ...shareKeys,
  ...timeoutKey,
});

export type HttpConfig = z.infer<typeof httpSchema>;
