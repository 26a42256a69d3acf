import * as z from 'zod/mini';
import { commandSchema } from './command/schema.ts';
import { directorySchema } from './directory/schema.ts';
import { haproxySchema } from './haproxy/schema.ts';

/*
 * The targets that sluice.yaml may name; every action loads this file, and none of what implements them. A member
 * needs a row in index.ts.
 */

export const targetSchema = z.discriminatedUnion('type', [directorySchema, commandSchema, haproxySchema]);

export type TargetConfig = z.infer<typeof targetSchema>;
export type TargetType = TargetConfig['type'];
/** The section of one type of target. */
export type TargetConfigOf<T extends TargetType> = Extract<TargetConfig, { readonly type: T }>;
