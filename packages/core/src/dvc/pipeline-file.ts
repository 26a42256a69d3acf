import * as z from 'zod/mini';
import { readYaml } from './read-yaml.ts';

const flagged = z.union([z.string(), z.record(z.string(), z.unknown())]);
const stageSchema = z.looseObject({
  cmd: z.union([z.string(), z.array(z.string())]),
  wdir: z.optional(z.string()),
  deps: z.optional(z.array(z.string())),
  params: z.optional(z.array(z.union([z.string(), z.record(z.string(), z.nullable(z.array(z.string())))]))),
  outs: z.optional(z.array(flagged)),
  metrics: z.optional(z.array(flagged)),
  plots: z.optional(z.array(flagged)),
  frozen: z.optional(z.boolean()),
  always_changed: z.optional(z.boolean()),
  vars: z.optional(z.array(z.unknown())),
  matrix: z.optional(z.record(z.string(), z.unknown())),
});
const loopSchema = z.looseObject({ foreach: z.unknown(), do: stageSchema });
const artifactSchema = z.looseObject({ path: z.string(), type: z.optional(z.string()) });
const schema = z.nullable(
  z.looseObject({
    stages: z.optional(z.record(z.string(), z.union([loopSchema, stageSchema]))),
    vars: z.optional(z.array(z.unknown())),
    params: z.optional(z.array(z.string())),
    metrics: z.optional(z.array(z.string())),
    artifacts: z.optional(z.record(z.string(), z.nullable(artifactSchema))),
  }),
);

/** What one stage, or each of several that a loop makes, is to do; `${…}` stands as written. */
export interface StageDefinition {
  readonly cmd: string | readonly string[];
  readonly wdir: string;
  readonly deps: readonly string[];
  /** Keys by file; null stands for all keys of the file. */
  readonly params: ReadonlyMap<string, readonly string[] | null>;
  /** Everything that it writes: outputs, metrics and plots. */
  readonly outs: readonly string[];
  readonly metrics: readonly string[];
  readonly frozen: boolean;
  readonly alwaysChanged: boolean;
  /** Whether dvc.lock has it once for each item, as `name@item`. */
  readonly loop: boolean;
}

/** dvc.yaml, as far as it is read here. */
export interface PipelineFile {
  readonly stages: ReadonlyMap<string, StageDefinition>;
  /** Models and other artifacts by id. */
  readonly artifacts: ReadonlyMap<string, { readonly path: string; readonly type?: string | undefined }>;
  readonly metrics: readonly string[];
  readonly params: readonly string[];
}

const DEFAULT_PARAMS = 'params.yaml';

/** Parses dvc.yaml. Throws UserError `bad-config` with file and line. */
export function parsePipeline(text: string, name: string): PipelineFile {
  const { value } = readYaml(text, schema, name);
  const artifacts = Object.entries(value?.artifacts ?? {}).flatMap(([id, artifact]) =>
    artifact === null ? [] : [[id, { path: artifact.path, type: artifact.type }] as const],
  );
  return {
    stages: new Map(Object.entries(value?.stages ?? {}).map(([id, stage]) => [id, definition(stage)])),
    artifacts: new Map(artifacts),
    metrics: value?.metrics ?? [],
    params: value?.params ?? [],
  };
}

/** The stage that an entry of dvc.lock is about: `train@fast` is one of the loop `train`. */
export function definitionOf({ stages }: PipelineFile, locked: string): StageDefinition | undefined {
  const own = stages.get(locked);
  if (own !== undefined) return own;
  const loop = stages.get(locked.slice(0, Math.max(0, locked.indexOf('@'))));
  return loop?.loop === true ? loop : undefined;
}

function definition(written: z.infer<typeof loopSchema> | z.infer<typeof stageSchema>): StageDefinition {
  const stage = 'do' in written ? (written.do as z.infer<typeof stageSchema>) : written;
  const metrics = (stage.metrics ?? []).flatMap(pathOf);
  return {
    cmd: stage.cmd,
    wdir: stage.wdir ?? '.',
    deps: stage.deps ?? [],
    params: paramsOf(stage.params ?? []),
    outs: [...(stage.outs ?? []).flatMap(pathOf), ...metrics, ...(stage.plots ?? []).flatMap(pathOf)],
    metrics,
    frozen: stage.frozen ?? false,
    alwaysChanged: stage.always_changed ?? false,
    loop: 'do' in written || stage.matrix !== undefined,
  };
}

/** `model.pkl`, or `{model.pkl: {cache: false}}`. */
function pathOf(written: string | Readonly<Record<string, unknown>>): string[] {
  return typeof written === 'string' ? [written] : Object.keys(written);
}

function paramsOf(
  written: readonly (string | Readonly<Record<string, readonly string[] | null>>)[],
): Map<string, readonly string[] | null> {
  const files = new Map<string, readonly string[] | null>();
  const add = (file: string, keys: readonly string[] | null): void => {
    const known = files.get(file);
    files.set(file, keys === null || known === null ? null : [...(known ?? []), ...keys]);
  };
  for (const item of written) {
    if (typeof item === 'string') add(DEFAULT_PARAMS, [item]);
    else for (const [file, keys] of Object.entries(item)) add(file, keys);
  }
  return files;
}
