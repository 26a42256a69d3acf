import * as z from 'zod/mini';

/*
 * The parts of MLflow's answers that are read. Empty fields are left out by the server; 64-bit numbers may be strings.
 */

const text = z.pipe(z.union([z.string(), z.number()]), z.transform(String));
const tag = z.object({ key: z.string(), value: z.optional(z.string()) });
const tags = z.optional(z.array(tag));

export const anything = z.looseObject({});

export const experimentSchema = z.object({
  experiment_id: text,
  lifecycle_stage: z.optional(z.string()),
});

export const runSchema = z.object({
  info: z.object({
    run_id: z.string(),
    experiment_id: text,
    artifact_uri: z.string(),
    lifecycle_stage: z.optional(z.string()),
    /** Milliseconds since 1970. */
    start_time: z.optional(text),
  }),
  data: z.optional(z.object({ params: z.optional(z.array(tag)), tags })),
  outputs: z.optional(z.object({ model_outputs: z.optional(z.array(z.object({ model_id: z.string() }))) })),
});
export type Run = z.infer<typeof runSchema>;

export const loggedModelSchema = z.object({
  info: z.object({
    model_id: z.string(),
    artifact_uri: z.string(),
    status: z.optional(z.string()),
    tags,
  }),
});
export type LoggedModel = z.infer<typeof loggedModelSchema>;

export const modelVersionSchema = z.object({
  version: text,
  run_id: z.optional(z.string()),
  source: z.optional(z.string()),
  status: z.optional(z.string()),
  status_message: z.optional(z.string()),
  tags,
});
export type ModelVersion = z.infer<typeof modelVersionSchema>;

/** The value of a tag, undefined without one. */
export function tagOf(
  tagged: { readonly tags?: readonly { key: string; value?: string | undefined }[] | undefined } | undefined,
  key: string,
): string | undefined {
  return tagged?.tags?.find((t) => t.key === key)?.value;
}
