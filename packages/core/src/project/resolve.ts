import { UserError } from '../action/errors.ts';
import { parseLines } from '../action/names.ts';
import type { Config } from '../config/schema.ts';
import type { Candidate, Declared } from './declared.ts';
import type { ProjectFiles, ProjectPath, Resolved } from './given.ts';

/** What is known of a project before any of its files is looked at. */
export interface Facts {
  readonly inputs: Readonly<Partial<Record<FileKey | 'model' | 'params' | 'reference', string | undefined>>>;
  /** Absolute folder that paths of inputs are relative to. */
  readonly directory: string;
  readonly config: Pick<Config, 'model' | 'data' | 'train'>;
  /** Absolute folder that paths of sluice.yaml and dvc.yaml are relative to. */
  readonly base: string;
  readonly declared?: Declared | undefined;
}

const FILE_KEYS = ['model-path', 'metrics', 'predictions'] as const;
/** A file or folder that a training writes. */
export type FileKey = (typeof FILE_KEYS)[number];

/**
 * Where the model, its metrics or its predictions are: by the input, else sluice.yaml, else dvc.yaml. A dvc.yaml that no
 * setting names counts where input and sluice.yaml name none of the three: files of two trainings are never mixed.
 */
export function resolveFile(facts: Facts, key: FileKey): Resolved<ProjectPath> {
  const { inputs, directory, config, base, declared } = facts;
  const input = inputs[key];
  if (input !== undefined) {
    return {
      kind: 'found',
      value: { source: 'input', what: `input '${key}'`, given: input, base: directory },
    };
  }
  const written = config.train?.[key];
  if (written !== undefined) {
    return {
      kind: 'found',
      value: { source: 'sluice.yaml', what: `train.${key}`, given: written, base },
    };
  }
  if (declared === undefined || (!declared.isNamed && namesAny(facts))) return { kind: 'none' };
  return onlyOne(declared[key], inputs.model ?? config.model, base);
}

function namesAny({ inputs, config }: Facts): boolean {
  return FILE_KEYS.some((key) => inputs[key] !== undefined || config.train?.[key] !== undefined);
}

/** Of several artifacts the one that is called as the model is meant. */
function onlyOne(
  candidates: readonly Candidate[],
  model: string | undefined,
  base: string,
): Resolved<ProjectPath> {
  const called = candidates.filter(({ id }) => id !== undefined && id === model);
  const [only, ...others] = called.length === 1 ? called : candidates;
  if (only === undefined) return { kind: 'none' };
  if (others.length > 0 || only.path.includes('${')) {
    return { kind: 'ambiguous', candidates: candidates.map(({ path }) => path) };
  }
  return { kind: 'found', value: { source: 'dvc.yaml', what: only.what, given: only.path, base } };
}

/** The parameter files: by the input, else sluice.yaml, else all of dvc.yaml. */
export function resolveParams({
  inputs,
  directory,
  config,
  base,
  declared,
}: Facts): ProjectFiles | undefined {
  const lines = parseLines(inputs.params);
  if (lines !== undefined)
    return { source: 'input', what: "input 'params'", patterns: lines, base: directory };
  const written = config.train?.params;
  if (written !== undefined) {
    return { source: 'sluice.yaml', what: 'train.params', patterns: [written].flat(), base };
  }
  if (declared === undefined || declared.params.length === 0) return undefined;
  return { source: 'dvc.yaml', what: `params of ${declared.name}`, patterns: declared.params, base };
}

/** A named set of data. */
export interface ProjectSet extends ProjectFiles {
  readonly name: string;
}

/**
 * The sets of data that a step works on: those of its input, else `wanted` of sluice.yaml, else the only file of data that
 * the pipeline of dvc.yaml starts from.
 */
export function resolveData(
  { directory, config, base, declared }: Facts,
  wanted: readonly ('train' | 'test')[],
  input: ReadonlyMap<string, readonly string[]> | undefined,
): Resolved<readonly ProjectSet[]> {
  if (input !== undefined) {
    const sets = [...input].map(([name, patterns]): ProjectSet => ({
      name,
      source: 'input',
      what: "input 'data'",
      patterns,
      base: directory,
    }));
    return { kind: 'found', value: sets };
  }
  const written = wanted.flatMap((name): ProjectSet[] => {
    const patterns = config.data?.[name];
    return patterns === undefined
      ? []
      : [{ name, source: 'sluice.yaml', what: `data.${name}`, patterns: [patterns].flat(), base }];
  });
  if (written.length > 0) return { kind: 'found', value: written };
  const only = onlyOne(declared?.data ?? [], undefined, base);
  if (only.kind !== 'found') return only;
  const { what, given } = only.value;
  return {
    kind: 'found',
    value: [{ name: 'data', source: 'dvc.yaml', what, patterns: [given], base }],
  };
}

/** What drift is measured against: by the input, else sluice.yaml. */
export function resolveReference({ inputs, directory, config, base }: Facts): ProjectFiles | undefined {
  const { reference } = inputs;
  if (reference !== undefined) {
    return { source: 'input', what: "input 'reference'", patterns: [reference], base: directory };
  }
  const written = config.data?.reference;
  return written === undefined
    ? undefined
    : { source: 'sluice.yaml', what: 'data.reference', patterns: [written], base };
}

const KINDS = {
  'model-path': "artifacts of the type 'model'",
  metrics: 'metrics files',
  predictions: "artifacts of the type 'predictions'",
  data: 'files of data',
} as const;

/** The error for a setting that is needed and that dvc.yaml does not settle. */
export function ambiguous(
  key: keyof typeof KINDS,
  candidates: readonly string[],
  { declared }: Pick<Facts, 'declared'>,
): UserError {
  const setting =
    key === 'data' ? "the input 'data', or data.train and data.test" : `the input '${key}' or train.${key}`;
  return new UserError(
    'bad-input',
    `${declared?.name ?? 'dvc.yaml'} does not say which of its ${KINDS[key]} is meant: ${candidates.join(', ')}. Set ${setting} in sluice.yaml to the one.`,
  );
}
