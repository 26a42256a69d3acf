import { UserError } from '@sluice/core/action/errors.ts';
import { parseBoolean, parseLines } from '@sluice/core/action/names.ts';
import { readModelName } from '@sluice/core/action/subject.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { loadConfig } from '@sluice/core/config/load.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { expandFiles, type FileSet } from '@sluice/core/data/files.ts';
import type { DataFormat } from '@sluice/core/data/format.ts';
import * as z from 'zod/mini';
import { readS3Data, type S3Data } from '@sluice/core/pins/bring/read.ts';
import type { Reason } from './definition.ts';
import { factsOf } from '@sluice/core/project/facts.ts';
import type { ProjectFiles } from '@sluice/core/project/given.ts';
import { pipelineOf } from '@sluice/core/project/pipeline.ts';
import {
  ambiguous,
  resolveData,
  resolveReference,
  type Facts,
  type ProjectSet,
} from '@sluice/core/project/resolve.ts';
import type { Context } from './context.ts';
import { checkPipeline, type StageCheck } from './pipeline.ts';
import { checkRecorded, type DataCheck } from './recorded.ts';

/** A named data set with its files. */
export interface DataSet extends FileSet {
  readonly name: string;
  /** What was found where the data is recorded with its digest. */
  readonly checks: readonly DataCheck[];
}

export interface ValidateSettings {
  readonly model: string | undefined;
  /** Absolute. */
  readonly contract: string | undefined;
  readonly data: readonly DataSet[];
  readonly reference: Reference | undefined;
  readonly format: DataFormat | undefined;
  /** Absolute; the file need not exist. */
  readonly profile: string;
  readonly samples: number;
  readonly duckdbPath: string | undefined;
  /** Whether dvc.lock belongs to what is here, stage by stage. */
  readonly stages: readonly StageCheck[];
  /** What the summary says about data that came from S3. */
  readonly s3Notes: readonly string[];
}

/** A profile (absolute path of its file), or the data itself. */
export type Reference =
  { readonly kind: 'profile'; readonly file: string } | { readonly kind: 'data'; readonly files: FileSet };

const MOST_SAMPLES = 10;

/**
 * Inputs and sluice.yaml as one; an input that is set wins. Data files are found and digested here, after everything that
 * can be wrong without them.
 */
export async function readSettings(context: Context): Promise<ValidateSettings> {
  const { inputs, directory } = context;
  const loaded = await loadConfig(context);
  const { config, base } = loaded;
  const model = inputs.model ?? config.model;
  const simple = {
    model: model === undefined ? undefined : readModelName(model),
    contract: await contractPath(context, config.data?.contract, base),
    format: parseFormat(inputs.format),
    profile: await insideWorkspace(context.workspace, directory, inputs.profile ?? '.sluice/profile.json', {
      what: "input 'profile'",
      kind: 'absent',
    }),
    samples: parseSamples(inputs.samples),
    duckdbPath: inputs['duckdb-path'],
  };
  const facts = factsOf(context, loaded, await pipelineOf(context, loaded));
  const reference = resolveReference(facts);
  const sets = setsOf(facts, parseData(inputs.data));
  for (const { source, patterns, what } of sets) {
    if (source === 'dvc.yaml') context.log.info(`data is not set: ${patterns.join(', ')}, from ${what}.`);
  }
  const s3 = await readS3Data(context, {
    base,
    requests: [...sets, ...(reference === undefined ? [] : [reference])],
    writeLock: parseBoolean('write-lock', inputs['write-lock'], false),
  });
  return {
    ...simple,
    data: await readSets(context, sets, s3),
    reference: reference === undefined ? undefined : await readReference(context, reference, s3),
    stages: await checkPipeline(context, base, config.train?.pipeline !== undefined),
    s3Notes: s3.notes,
  };
}

async function contractPath(
  { inputs, workspace, directory }: Context,
  written: string | undefined,
  base: string,
): Promise<string | undefined> {
  const fromInput = inputs.contract !== undefined;
  const given = inputs.contract ?? written;
  if (given === undefined) return undefined;
  return insideWorkspace(workspace, fromInput ? directory : base, given, {
    what: fromInput ? "input 'contract'" : 'data.contract',
    kind: 'file',
  });
}

/** The sets of the input `data`: `name: glob` lines by name, other lines in the set `data`. */
export function parseData(given: string | undefined): Map<string, string[]> | undefined {
  const lines = parseLines(given);
  if (lines === undefined) return undefined;
  const sets = new Map<string, string[]>();
  for (const line of lines) {
    const named = /^([A-Za-z0-9][A-Za-z0-9_-]*):\s+(\S.*)$/.exec(line);
    const [name, pattern] = [named?.[1] ?? 'data', named?.[2] ?? line];
    sets.set(name, [...(sets.get(name) ?? []), pattern]);
  }
  return sets;
}

function setsOf(
  facts: Facts,
  input: ReadonlyMap<string, readonly string[]> | undefined,
): readonly ProjectSet[] {
  const sets = resolveData(facts, ['train', 'test'], input);
  if (sets.kind === 'found') return sets.value;
  if (sets.kind === 'ambiguous') throw ambiguous('data', sets.candidates, facts);
  throw new UserError<Reason>(
    'bad-input',
    "No data is named. Set the input 'data', or data.train and data.test in sluice.yaml.",
  );
}

async function readSets(context: Context, sets: readonly ProjectSet[], s3: S3Data): Promise<DataSet[]> {
  const found: DataSet[] = [];
  for (const set of sets) {
    const checks = await checkRecorded(context, set);
    found.push({ name: set.name, checks, ...(await expand(context, set, s3)) });
  }
  return found;
}

async function readReference(context: Context, request: ProjectFiles, s3: S3Data): Promise<Reference> {
  await checkRecorded(context, request);
  const files = await expand(context, request, s3);
  const [first] = files.files;
  const isProfile = request.patterns[0]?.endsWith('.json') === true;
  return isProfile && first !== undefined
    ? { kind: 'profile', file: first.absolute }
    : { kind: 'data', files };
}

function expand(
  { workspace }: Context,
  { patterns, base, what }: ProjectFiles,
  s3: S3Data,
): Promise<FileSet> {
  return expandFiles(patterns, {
    base,
    what,
    found: s3.files,
    inside: (given) => insideWorkspace(workspace, base, given, { what, kind: 'file' }),
  });
}

const mark = z.string().check(z.regex(/^[\t -~]$/, 'expected one printable ASCII character or a tab'));
const formatSchema = z.union([
  z.enum(['csv', 'parquet', 'jsonl']),
  z.strictObject({
    type: z.enum(['csv', 'parquet', 'jsonl']),
    delimiter: z.optional(mark),
    quote: z.optional(mark),
    escape: z.optional(mark),
  }),
]);

/** The input `format`: a word, or YAML with the marks of a CSV dialect. */
export function parseFormat(given: string | undefined): DataFormat | undefined {
  if (given === undefined) return undefined;
  const parsed = parseYaml(given, formatSchema, { name: "input 'format'", reason: 'bad-input' });
  const { type, ...marks } = typeof parsed === 'string' ? { type: parsed } : parsed;
  const dialect = Object.fromEntries(Object.entries(marks).filter(([, value]) => value !== undefined));
  if (type === 'csv') return { type, dialect };
  if (Object.keys(dialect).length === 0) return { type };
  throw new UserError<Reason>(
    'bad-input',
    `Input 'format' gives ${Object.keys(dialect).join(', ')} for ${type}. Only csv has them.`,
  );
}

function parseSamples(given: string | undefined): number {
  if (given === undefined) return 0;
  if (/^\d{1,2}$/.test(given) && Number(given) <= MOST_SAMPLES) return Number(given);
  throw new UserError<Reason>(
    'bad-input',
    `Input 'samples' is '${given}'. Allowed: a whole number from 0 to ${MOST_SAMPLES}.`,
  );
}
