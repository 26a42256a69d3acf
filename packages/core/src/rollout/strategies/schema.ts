import * as z from 'zod/mini';
import { abSchema } from './ab/schema.ts';
import { blueGreenSchema } from './blue-green/schema.ts';
import { canarySchema } from './canary/schema.ts';
import { directSchema } from './direct/schema.ts';
import { shadowSchema } from './shadow/schema.ts';

/*
 * The strategies that sluice.yaml may name: a word, or a map with the name as its one key. Every action loads this file,
 * and none of what implements them. A member needs a row in index.ts.
 */

export const strategySchema = z.union([directSchema, blueGreenSchema, canarySchema, shadowSchema, abSchema], {
  error: 'expected direct, blue-green, or a map with one of the keys blue-green, canary, shadow, ab',
});

export type StrategyConfig = z.infer<typeof strategySchema>;
type NameOf<C> = C extends string ? C : keyof C & string;
export type StrategyName = NameOf<StrategyConfig>;
/** What sluice.yaml says of one strategy. */
export type StrategyConfigOf<N extends StrategyName> = N extends unknown
  ? Extract<StrategyConfig, N | { readonly [K in N]: unknown }>
  : never;
