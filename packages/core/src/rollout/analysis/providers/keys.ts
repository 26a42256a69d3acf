import * as z from 'zod/mini';
import { described, duration, text } from '../../../schema/blocks.ts';

/* Keys that several providers have; a provider's schema spreads the shapes that it needs. */

/** A share that is neither nothing nor all: of either no number of samples can show that it holds. */
export const share = z.number().check(z.gt(0), z.lt(1));
/** A part of what is compared with, such as 20%. */
export const percent = z
  .string()
  .check(z.regex(/^(?=.*[1-9])\d+(\.\d+)?%$/, 'expected a percentage above zero such as 20%'));

/** How reports call an analysis, and how many samples it takes. */
export const judgingKeys = {
  name: z.optional(
    described(
      z
        .string()
        .check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected lower-case letters, digits and hyphens')),
      'How reports call it; needed where two analyses have the same provider. Default: the provider.',
    ),
  ),
  'min-samples': z.optional(
    described(
      z.int().check(z.positive()),
      'Samples of the candidate that a step needs before it can pass. Default 100.',
    ),
  ),
} as const;

/** How large a share of samples may be. */
export const shareKeys = {
  max: z.optional(
    described(
      share,
      'The largest share of errors of the candidate. Default 0.01, where nothing is said of an increase.',
    ),
  ),
  'max-increase': z.optional(
    described(
      z.union([share, percent]),
      'How much larger that share may be than the one of what is live, in the same time: 0.01, or 20% of it.',
    ),
  ),
} as const;

/** Requests that the step sends by itself. */
export const sendingKeys = {
  requests: described(
    text,
    'Requests to send, JSON Lines of {"input": …}, over and over; a file of golden predictions will do.',
  ),
  rate: z.optional(
    described(
      z.number().check(z.gt(0), z.maximum(100)),
      'Requests a second to each version, 100 at most. Default 5.',
    ),
  ),
  concurrency: z.optional(
    described(
      z.int().check(z.positive(), z.maximum(32)),
      'Requests under way at once to each version, 32 at most. Default 4.',
    ),
  ),
  'warm-up': z.optional(
    described(
      z.int().check(z.nonnegative(), z.maximum(1000)),
      'Requests that each version gets first, which are no samples. Default 10.',
    ),
  ),
} as const;

/** How long an answer is waited for. */
export const timeoutKey = {
  timeout: z.optional(described(duration, 'Longest wait for an answer. Default 10s.')),
} as const;
