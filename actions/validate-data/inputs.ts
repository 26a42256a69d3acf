import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseLines, parseName } from '@sluice/core/action/names.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { loadConfig } from '@sluice/core/config/load.ts';
import { parseYaml } from '@sluice/core/config/parse.ts';
import { expandFiles, type FileSet } from '@sluice/core/data/files.ts';
import type { DataFormat } from '@sluice/core/data/format.ts';
import * as path from 'node:path';
import * as z from 'zod/mini';
import type { INPUTS } from './definition.ts';

export type Context = ActionContext<(typeof INPUTS)[number]>;

/** A named data set with its files. */
export interface DataSet extends FileSet {
  readonly name: string;
}

export interface Settings {
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
}

/** A profile (absolute path of its file), or the data itself. */
export type Reference =
  { readonly kind: 'profile'; readonly file: string } | { readonly kind: 'data'; readonly files: FileSet };

const MOST_SAMPLES = 10;

/** Inputs and sluice.yaml as one; an input that is set wins. Data files are found and digested here. */
export async function readSettings(context: Context): Promise<Settings> {
  const { inputs, directory } = context;
  const { config, base } = await loadConfig(context);
  const model = inputs.model ?? config.model;
  const contract = inputs.contract ?? config.data?.contract;
  const reference = inputs.reference ?? config.data?.reference;
  const format = parseFormat(inputs.format);
  return {
    model: model === undefined ? undefined : parseName('model', model),
    contract:
      contract === undefined
        ? undefined
        : await insideWorkspace(
            context.workspace,
            inputs.contract === undefined ? base : directory,
            contract,
            {
              what: inputs.contract === undefined ? 'data.contract' : "input 'contract'",
              kind: 'file',
            },
          ),
    data: await readData(context, parseData(inputs.data), config.data, base),
    reference:
      reference === undefined
        ? undefined
        : await readReference(context, reference, inputs.reference === undefined ? base : directory),
    format,
    profile: await insideWorkspace(context.workspace, directory, inputs.profile ?? '.sluice/profile.json', {
      what: "input 'profile'",
      kind: 'absent',
    }),
    samples: parseSamples(inputs.samples),
    duckdbPath: inputs['duckdb-path'],
  };
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

async function readData(
  context: Context,
  input: Map<string, string[]> | undefined,
  config: { train?: string | string[] | undefined; test?: string | string[] | undefined } | undefined,
  base: string,
): Promise<DataSet[]> {
  const fromFile = (['train', 'test'] as const).flatMap((name) =>
    config?.[name] === undefined ? [] : [{ name, patterns: [config[name]].flat() }],
  );
  const sets = input === undefined ? fromFile : [...input].map(([name, patterns]) => ({ name, patterns }));
  if (sets.length === 0) {
    throw new UserError(
      'bad-input',
      "No data is named. Set the input 'data', or data.train and data.test in sluice.yaml.",
    );
  }
  const found: DataSet[] = [];
  for (const { name, patterns } of sets) {
    const what = input === undefined ? `data.${name}` : "input 'data'";
    found.push({
      name,
      ...(await expand(context, patterns, input === undefined ? base : context.directory, what)),
    });
  }
  return found;
}

async function readReference(context: Context, given: string, base: string): Promise<Reference> {
  const what = context.inputs.reference === undefined ? 'data.reference' : "input 'reference'";
  if (!given.endsWith('.json')) return { kind: 'data', files: await expand(context, [given], base, what) };
  return {
    kind: 'profile',
    file: await insideWorkspace(context.workspace, base, given, { what, kind: 'file' }),
  };
}

async function expand(
  { workspace }: Context,
  patterns: readonly string[],
  base: string,
  what: string,
): Promise<FileSet> {
  return expandFiles(patterns, {
    base,
    what,
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
  throw new UserError(
    'bad-input',
    `Input 'format' gives ${Object.keys(dialect).join(', ')} for ${type}. Only csv has them.`,
  );
}

function parseSamples(given: string | undefined): number {
  if (given === undefined) return 0;
  if (/^\d{1,2}$/.test(given) && Number(given) <= MOST_SAMPLES) return Number(given);
  throw new UserError(
    'bad-input',
    `Input 'samples' is '${given}'. Allowed: a whole number from 0 to ${MOST_SAMPLES}.`,
  );
}

/** A path for people and annotations: relative to the checkout, with `/`. */
export function shown(context: Pick<Context, 'workspace'>, absolute: string): string {
  return path.relative(context.workspace, absolute).split(path.sep).join('/');
}
