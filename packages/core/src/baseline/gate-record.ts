import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import { trainingRowsSchema } from '../gate/training-rows.ts';

/** `gate.json`: what a gate found, kept beside the model so that a later gate can compare with it. */
const gateRecordSchema = z.looseObject({
  metrics: z.record(z.string(), z.number()),
  'test-set-digest': z.nullable(z.string()),
  'test-set-md5': z.optional(z.nullable(z.string())),
  predictions: z.nullable(z.string()),
  'training-rows': z.optional(trainingRowsSchema),
});

export type GateRecord = z.infer<typeof gateRecordSchema>;

/** Parses the text of a stored gate.json. Throws `bad-config` for one that is damaged; `what` names it. */
export function parseGateRecord(text: string, what: string): GateRecord {
  try {
    return z.parse(gateRecordSchema, JSON.parse(text));
  } catch (error) {
    throw new UserError(
      'bad-config',
      `${what} is not a gate record. Restore it, or register the model again.`,
      {
        cause: error,
      },
    );
  }
}
