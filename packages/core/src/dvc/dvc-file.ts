import * as z from 'zod/mini';
import { entrySchema, toEntry, type Entry } from './entry.ts';
import { readYaml } from './read-yaml.ts';

/** What a `.dvc` file says. */
export interface DvcFile {
  /** The folder that paths are relative to, relative to the file's own. */
  readonly wdir: string;
  readonly outs: readonly Entry[];
  /** Where the outputs were imported from. */
  readonly deps: readonly Entry[];
}

const entries = z.optional(z.nullable(z.array(entrySchema)));
const schema = z.nullable(
  z.looseObject({ wdir: z.optional(z.nullable(z.string())), outs: entries, deps: entries }),
);

/** Parses a `.dvc` file. Throws UserError `bad-config` with file and line. */
export function parseDvcFile(text: string, name: string): DvcFile {
  const { value } = readYaml(text, schema, name);
  return {
    wdir: value?.wdir ?? '.',
    outs: (value?.outs ?? []).map(toEntry),
    deps: (value?.deps ?? []).map(toEntry),
  };
}
