import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';
import { serverSchema } from '../../server-schema.ts';
import type { Capability } from '../kind.ts';

/** What a program may say that it can. */
export const CAPABILITIES = [
  'split',
  'mirror',
  'header-route',
  'key-split',
  'probe',
] as const satisfies readonly Capability[];

export const commandSchema = z.strictObject({
  type: described(
    z.literal('command'),
    "command: a program of the team's moves the traffic, JSON in and JSON out (docs/command-target.md).",
  ),
  run: described(
    text,
    'The program, with its arguments. It runs without a shell, reads one request and writes one answer.',
  ),
  path: described(
    text,
    'The folder that the verified bytes of each version are put into, `releases/<version>`.',
  ),
  capabilities: z.optional(
    described(
      z.array(z.enum(CAPABILITIES)),
      'What the program can do beyond all traffic to one version; it has to say so itself, too.',
    ),
  ),
  ...serverSchema.shape,
  keep: z.optional(
    described(z.int().check(z.positive()), 'How many releases stay on disk for a quick rollback. Default 5.'),
  ),
});

export type CommandConfig = z.infer<typeof commandSchema>;
