import * as z from 'zod/mini';

/** What was compared with. */
export const baselineSchema = z.nullable(
  z.object({
    source: z.string().check(z.meta({ description: 'The source that was used, such as champion.' })),
    version: z.nullable(z.string()),
    commit: z.nullable(z.string()),
    'age-seconds': z.nullable(z.number().check(z.meta({ description: 'Since the version was registered.' }))),
    run: z.nullable(
      z.string().check(z.meta({ description: 'Address of the run that registered the version.' })),
    ),
    'commits-behind': z.nullable(
      z.int().check(
        z.meta({
          description:
            "Of the source merge-base: commits from the version's commit to the merge base; 0 is the merge base itself.",
        }),
      ),
    ),
  }),
);

/** The baseline as `result` has it; null without one. */
export type BaselineEntry = z.infer<typeof baselineSchema>;
