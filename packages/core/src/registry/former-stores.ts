import * as z from 'zod/mini';
import { described, text } from '../schema/blocks.ts';

/** Keys of every registry's section about stores that versions may be in. */
export const formerStoreKeys = {
  'former-stores': z.optional(
    described(
      z.array(text),
      'Stores where earlier versions are, written as `store` is. A tag that names another store than these and `store` is refused.',
    ),
  ),
};

/** A store as sluice.yaml writes it, and which key does. */
export interface ConfiguredStore {
  readonly uri: string;
  readonly key: string;
}
