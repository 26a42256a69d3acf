import * as z from 'zod/mini';
import { commandSchema } from './command/schema.ts';
import { httpSchema } from './http/schema.ts';
import { predictionsSchema } from './predictions/schema.ts';
import { probeSchema } from './probe/schema.ts';
import { prometheusSchema } from './prometheus/schema.ts';

/*
 * The providers that an analysis may name. Every action loads this file, and none of what implements them. A member needs a
 * row in index.ts.
 */

export const analysisSchema = z.discriminatedUnion('provider', [
  probeSchema,
  prometheusSchema,
  httpSchema,
  commandSchema,
  predictionsSchema,
]);

export type AnalysisConfig = z.infer<typeof analysisSchema>;
export type ProviderName = AnalysisConfig['provider'];
/** The section of one provider. */
export type AnalysisConfigOf<N extends ProviderName> = Extract<AnalysisConfig, { readonly provider: N }>;
