import * as z from 'zod/mini';
import { described, text } from '../../../../schema/blocks.ts';
import { judgingKeys, shareKeys, timeoutKey } from '../keys.ts';

export const prometheusSchema = z.strictObject({
  provider: described(
    z.literal('prometheus'),
    'prometheus: counts of requests and errors of each version, asked of a Prometheus server.',
  ),
  ...judgingKeys,
  url: z.optional(
    described(
      text,
      'Address of the server; ${NAME} is filled in. Default: PROMETHEUS_URL of the environment.',
    ),
  ),
  query: described(
    z.strictObject({
      requests: described(text, 'PromQL for the requests of a version, as `errors` has it.'),
      errors: described(
        text,
        'PromQL for the errors of a version, with {version} or {instance} in it: a selector of counters, or an expression with {window} that gives the count in that time.',
      ),
    }),
    'What is counted.',
  ),
  ...shareKeys,
  ...timeoutKey,
});

export type PrometheusConfig = z.infer<typeof prometheusSchema>;
