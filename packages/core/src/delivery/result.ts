import * as z from 'zod/mini';

const share = z.object({ version: z.string(), weight: z.number() });

const step = z.object({
  name: z.string(),
  started: z.iso.datetime(),
  seconds: z.number(),
  verdict: z.enum(['pass', 'fail']),
  message: z.string(),
});

const check = z.looseObject({
  check: z.enum(['version', 'ready', 'golden', 'malformed-input', 'latency']),
  verdict: z.enum(['pass', 'fail', 'not-checked']),
  message: z.string(),
});

/** What `deploy` and `rollback` both report. */
export const rolloutResult = {
  environment: z.string(),
  version: z.string(),
  'previous-version': z.string(),
  'dry-run': z.boolean(),
  live: z.array(share),
  steps: z.array(step),
  verification: z.array(check),
};
