import * as z from 'zod/mini';
import { described, duration, text } from '../../../../schema/blocks.ts';
import { judgingKeys, shareKeys } from '../keys.ts';

export const commandSchema = z.strictObject({
  provider: described(
    z.literal('command'),
    'command: counts of requests and errors of each version, asked of a program of your own.',
  ),
  ...judgingKeys,
  run: described(
    text,
    'Program that reads the question from its standard input and writes the counts to its standard output, both JSON. It runs without a shell.',
  ),
  ...shareKeys,
  timeout: z.optional(described(duration, 'How long the program may run. Default 60s.')),
});

export type CommandConfig = z.infer<typeof commandSchema>;
