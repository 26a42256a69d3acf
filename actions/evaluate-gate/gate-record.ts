import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { UserError } from '@sluice/core/action/errors.ts';

/** `gate.json`: what a gate found, kept beside the model so that a later gate can compare with it. */
const gateRecordSchema = z.looseObject({
  metrics: z.record(z.string(), z.number()),
  'test-set-digest': z.nullable(z.string()),
  predictions: z.nullable(z.string()),
});

export type GateRecord = z.infer<typeof gateRecordSchema>;

/** Reads a stored gate.json; undefined when there is none. Throws `bad-config` for one that is damaged. */
export async function readGateRecord(file: string | undefined): Promise<GateRecord | undefined> {
  if (file === undefined) return undefined;
  try {
    return z.parse(gateRecordSchema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new UserError(
      'bad-config',
      `${file} is not a gate record. Restore it, or register the model again.`,
      {
        cause: error,
      },
    );
  }
}
