import * as z from 'zod/mini';
import { described, text } from '../schema/blocks.ts';

/** How register-model gets a model's own answers to golden requests. */
export const goldenSchema = z.strictObject({
  requests: described(
    text,
    'Golden requests (JSON Lines): each line is an input as the model server gets it, such as {"distance": 1400}.',
  ),
  predict: described(
    text,
    'Command that writes what the model answers to each request, one line of JSON for each: python predict.py --model {model-path} --requests {requests} --answers {answers}.',
  ),
  tolerance: z.optional(
    described(
      z.number().check(z.nonnegative()),
      'How far numbers of the server may be from those answers, absolute. Default 0.000001.',
    ),
  ),
});

export type GoldenConfig = z.infer<typeof goldenSchema>;

/** The key of a registry's section for it. */
export const goldenKeys = {
  golden: z.optional(
    described(goldenSchema, 'Golden requests that every version is registered with, and that deploy asks.'),
  ),
};
