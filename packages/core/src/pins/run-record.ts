import * as z from 'zod/mini';
import { readBelow, writeBelow } from '../action/below.ts';
import { parseJson } from '../action/json.ts';
import { pinsSchema, readPins, writePins, type Pins } from './lock.ts';

const count = z.int().check(z.nonnegative());
const movesSchema = z.object({ added: count, changed: count, gone: count });

/** How many objects differ from the lock file. */
export type MoveCounts = z.infer<typeof movesSchema>;

const recordSchema = z.object({
  version: z.literal(1),
  run: z.optional(z.string()),
  data: pinsSchema,
  moves: z.record(z.string(), movesSchema),
});

/** What the steps of one run have found out about the data in S3. */
export interface RunRecord {
  /** Of which attempt of which run; undefined outside of a workflow, where nothing tells runs apart. */
  readonly run: string | undefined;
  readonly pins: Pins;
  /** By pattern; absent where nobody could look. */
  readonly moves: ReadonlyMap<string, MoveCounts>;
}

/** Tells attempts of runs apart; undefined outside of a workflow. */
export function runOf(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const { GITHUB_RUN_ID: id, GITHUB_RUN_ATTEMPT: attempt } = env;
  return id ? `${id}/${attempt ?? '1'}` : undefined;
}

/** The file of the record, and the folder in which no link leads to it; both absolute. */
interface RecordPlace {
  readonly root: string;
  readonly record: string;
}

/** Reads what an earlier step left, of this run or another. Undefined when there is none that this version can read. */
export async function readRunRecord({ root, record }: RecordPlace): Promise<RunRecord | undefined> {
  const bytes = await readBelow(root, record);
  const parsed = recordSchema.safeParse(parseJson(bytes?.toString('utf8') ?? ''));
  if (!parsed.success) return undefined;
  const { run, data, moves } = parsed.data;
  return { run, pins: readPins(data), moves: new Map(Object.entries(moves)) };
}

/** Writes it for the later steps, in one move. */
export async function writeRunRecord(
  { root, record }: RecordPlace,
  { run, pins, moves }: RunRecord,
): Promise<void> {
  const content = {
    version: 1,
    ...(run === undefined ? {} : { run }),
    data: writePins(pins),
    moves: Object.fromEntries(moves),
  };
  await writeBelow(root, record, `${JSON.stringify(content)}\n`);
}
