import * as z from 'zod/mini';
import { oneLine } from '../ledger/message.ts';

/** Longer texts were not written by a rollout. */
const LONGEST_TEXT = 2_000;

/** A text of a journal. Anybody who may push may have written it, so it is made one line before it is shown. */
export const line = z.pipe(z.string().check(z.maxLength(LONGEST_TEXT)), z.transform(oneLine));
