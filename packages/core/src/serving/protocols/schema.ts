import * as z from 'zod/mini';
import { jsonSchema } from './json/schema.ts';
import { templateSchema } from './template/schema.ts';

/*
 * The protocols that sluice.yaml may name: a word, or a map with the name as its one key. Every action loads this file, and
 * none of what implements them. A member needs a row in index.ts.
 */

export const protocolSchema = z.union([jsonSchema, templateSchema]);

export type ProtocolConfig = z.infer<typeof protocolSchema>;
type NameOf<C> = C extends string ? C : keyof C & string;
export type ProtocolName = NameOf<ProtocolConfig>;
/** What sluice.yaml says of one protocol. */
export type ProtocolConfigOf<N extends ProtocolName> = N extends unknown
  ? Extract<ProtocolConfig, N | { readonly [K in N]: unknown }>
  : never;
