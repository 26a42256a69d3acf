import type { WrittenCases } from './schema.ts';

/** A rule of the kind, which the test of all kinds settles and judges. */
export const EXAMPLE: WrittenCases = { cases: ['row-1', 'row-2'], must: 'stay-correct' };
