import type { WrittenRows } from './schema.ts';

/** A rule of the kind, which the test of all kinds settles and judges. */
export const EXAMPLE: WrittenRows = { rows: 1000 };
