import * as z from 'zod/mini';

/** A description that tells readers of the schema what a value means. */
export const described = (description: string): z.core.$ZodCheck<unknown> => z.meta({ description });

/** A number that may be absent. */
export const optionalNumber = (description: string): z.ZodMiniOptional<z.ZodMiniNumber> =>
  z.optional(z.number().check(described(description)));

export const severitySchema = z.enum(['fail', 'warn', 'info']);

export const verdictSchema = z.enum([
  'pass',
  'warn',
  'fail',
  'acknowledged',
  'inconclusive',
  'error',
  'new-baseline',
  'not-judged',
]);
