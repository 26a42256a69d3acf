import * as z from 'zod/mini';
import { described } from '../../../schema/blocks.ts';

export const directSchema = described(z.literal('direct'), 'direct: switch all traffic at once.');
