import * as z from 'zod/mini';
import { described, text } from '../../../../schema/blocks.ts';
import { judgingKeys, sendingKeys, share } from '../keys.ts';

export const predictionsSchema = z.strictObject({
  provider: described(
    z.literal('predictions'),
    'predictions: what the candidate answers beside what is live, on the same requests at the same time.',
  ),
  ...judgingKeys,
  ...sendingKeys,
  requests: z.optional(sendingKeys.requests),
  mirrored: z.optional(
    described(
      text,
      'In place of `requests`: a file that a mirror appends to, JSON Lines of {"input": …, "candidate": {"version": …, "answer": …}, "stable": …}.',
    ),
  ),
  prediction: z.optional(
    described(
      text,
      'Where an answer has its prediction, such as predictions.0.label. Default: the whole answer.',
    ),
  ),
  agreement: z.optional(
    described(
      z.strictObject({
        min: described(share, 'The smallest share of requests that both answer alike, such as 0.98.'),
        tolerance: z.optional(
          described(
            z.number().check(z.nonnegative()),
            'How far numbers may differ and be alike. Default 1e-6.',
          ),
        ),
      }),
      'Limits of how often both versions answer alike.',
    ),
  ),
  'score-shift': z.optional(
    described(
      z.strictObject({
        score: described(text, 'Where in a prediction lies the score, a number, such as score or [0].score.'),
        max: described(
          z.number().check(z.gt(0)),
          'How far the mean score may lie from that of what is live.',
        ),
      }),
      'Limits of how the scores move.',
    ),
  ),
  slices: z.optional(
    described(
      z.array(
        z.strictObject({ by: described(text, 'Field of the input, such as carrier or customer.region.') }),
      ),
      'Judge the agreement of each part of the requests as well, 16 parts at most.',
    ),
  ),
  record: z.optional(
    described(
      text,
      'File that the predictions of both versions are appended to by id, for labels that come later. Default: nothing is recorded.',
    ),
  ),
});

export type PredictionsConfig = z.infer<typeof predictionsSchema>;
