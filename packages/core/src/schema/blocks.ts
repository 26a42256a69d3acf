import * as z from 'zod/mini';

/* What the schemas of sluice.yaml are made of. */

/** A text that is not empty. */
export const text = z.string().check(z.minLength(1));
/** The type with the sentence that editors show for it. */
export const described = <T extends z.ZodMiniType>(type: T, description: string): T =>
  type.check(z.meta({ description }));

/** A list may be written as one item. */
export const oneOrMore = z.union([text, z.array(text).check(z.minLength(1))]);

/** A duration such as 80ms, 5s, 2m. */
export const duration = z
  .string()
  .check(
    z.regex(
      /^(?=.*[1-9])\d+(\.\d+)?(ms|s|m|h|d)$/,
      'expected a duration above zero such as 80ms, 5s, 2m or 30d',
    ),
  );
