import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import { entrySchema, toEntry, type Entry } from './entry.ts';
import { readYaml } from './read-yaml.ts';

/** What a run of a stage read and wrote. */
export interface LockedStage {
  readonly cmd: string | readonly string[];
  readonly deps: readonly Entry[];
  /** Values by key, by the file they are in. */
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly outs: readonly Entry[];
}

/** dvc.lock: stages by name, those of `foreach` and `matrix` as `name@item`. */
export type Lock = ReadonlyMap<string, LockedStage>;

const entries = z.optional(z.array(entrySchema));
const stages = z.record(
  z.string(),
  z.looseObject({
    cmd: z.union([z.string(), z.array(z.string())]),
    deps: entries,
    params: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
    outs: entries,
  }),
);
const current = z.looseObject({ schema: z.literal('2.0'), stages: z.optional(stages) });

/** Parses dvc.lock of schema 2.0, or of 1.0, which has the stages at the top. Throws UserError `bad-config`. */
export function parseLock(text: string, name: string): Lock {
  const { value } = readYaml(text, z.nullable(z.record(z.string(), z.unknown())), name);
  if (value === null) return new Map();
  const locked =
    'schema' in value ? (readCurrent(text, name, value['schema']) ?? {}) : readYaml(text, stages, name).value;
  return new Map(
    Object.entries(locked).map(([stage, { cmd, deps, params, outs }]) => [
      stage,
      {
        cmd,
        deps: (deps ?? []).map(toEntry),
        params: params ?? {},
        outs: (outs ?? []).map(toEntry),
      },
    ]),
  );
}

function readCurrent(text: string, name: string, schema: unknown): z.infer<typeof stages> | undefined {
  if (schema === '2.0') return readYaml(text, current, name).value.stages;
  throw new UserError(
    'bad-config',
    `${name} has the schema ${JSON.stringify(schema)}; 1.0 and '2.0' are known. It may be from a newer DVC: use a newer version of this action.`,
  );
}
