import type { DriftResult } from '@sluice/core/data/drift.ts';
import type { RuleResult } from '@sluice/core/data/rule-result.ts';
import * as z from 'zod/mini';
import type { DataSet } from './inputs.ts';
import type { StageCheck } from './pipeline.ts';

const count = z.int().check(z.nonnegative());

const s3Object = z.object({
  /** As in `files`. */
  file: z.string(),
  uri: z.string(),
  /** Absent in a bucket without versioning. */
  'version-id': z.optional(z.string()),
  sha256: z.string(),
});

const dataSet = z.object({
  name: z.string(),
  files: z.array(z.string()),
  /** Present when files came from S3; those alone, where they are not more than a thousand. */
  objects: z.optional(z.array(s3Object)),
  rows: count,
  bytes: count,
  digest: z.string(),
});

const rule = z.object({
  id: z.string(),
  'data-set': z.string(),
  column: z.optional(z.string()),
  kind: z.string(),
  verdict: z.enum(['pass', 'warn', 'fail', 'error', 'info']),
  severity: z.enum(['fail', 'warn']),
  count: z.optional(count),
  share: z.optional(z.number()),
  'first-rows': z.array(z.int().check(z.positive())),
  where: z.optional(z.object({ file: z.string(), line: z.optional(count) })),
  samples: z.optional(z.array(z.string())),
  message: z.string(),
});

const drift = z.object({
  'data-set': z.string(),
  column: z.string(),
  method: z.enum([
    'psi',
    'ks-distance',
    'js-distance',
    'new-values',
    'missing-rate',
    'columns',
    'type',
    'none',
  ]),
  value: z.optional(z.number()),
  threshold: z.optional(z.number()),
  verdict: z.enum(['pass', 'warn', 'info']),
  'n-reference': count,
  'n-current': count,
  message: z.string(),
});

const check = z.object({
  id: z.string(),
  /** `dvc`: data against its record; `dvc-stage`: an entry of dvc.lock against what is here. */
  kind: z.enum(['dvc', 'dvc-stage']),
  'data-set': z.optional(z.string()),
  verdict: z.enum(['pass', 'warn', 'info']),
  /** Files that were compared, and how many of them had to be pulled first. */
  files: z.optional(count),
  pulled: z.optional(count),
  message: z.string(),
});

/** What this action adds to `result`. */
export const resultSchema = z.object({
  data: z.array(dataSet),
  rules: z.array(rule),
  /** Passed rules left out of `rules`, so that the output stays within the runner's limit. */
  'rules-left-out': count,
  drift: z.array(drift),
  /** Comparisons with digests that the repository records. */
  checks: z.array(check),
});

export type Result = z.infer<typeof resultSchema>;

/** An output of the runner may have 1 MB; at some 300 bytes a rule this stays well below. */
const MOST_RULES = 1000;
const MOST_OBJECTS = 1000;

export function toResult(
  sets: readonly (DataSet & { readonly rows: number })[],
  rules: readonly RuleResult[],
  drifts: readonly DriftResult[],
  stages: readonly StageCheck[],
): Result {
  const kept =
    rules.length <= MOST_RULES ? rules : rules.filter((r) => r.verdict !== 'pass').slice(0, MOST_RULES);
  return {
    data: sets.map(({ name, files, rows, bytes, digest }) => ({
      name,
      files: files.map((file) => file.path),
      ...objectsOf(files),
      rows,
      bytes,
      digest,
    })),
    rules: kept.map(toRule),
    'rules-left-out': rules.length - kept.length,
    checks: [
      ...sets.flatMap(({ name, checks }) => checks.map((one) => ({ ...one, 'data-set': name }))),
      ...stages.map((stage) => ({ ...stage })),
    ],
    drift: drifts.map((d) => ({
      'data-set': d.dataSet,
      column: d.column,
      method: d.method,
      ...(d.value === undefined ? {} : { value: d.value }),
      ...(d.threshold === undefined ? {} : { threshold: d.threshold }),
      verdict: d.verdict,
      'n-reference': d.nReference,
      'n-current': d.nCurrent,
      message: d.message,
    })),
  };
}

/** Where the files lie in S3. The statement lists each, however many there are. */
function objectsOf(files: DataSet['files']): Pick<Result['data'][number], 'objects'> {
  const objects = files.flatMap(({ path: file, sha256, origin }) =>
    origin === undefined
      ? []
      : [
          {
            file,
            uri: origin.uri,
            ...(origin.versionId === undefined ? {} : { 'version-id': origin.versionId }),
            sha256,
          },
        ],
  );
  return objects.length === 0 || objects.length > MOST_OBJECTS ? {} : { objects };
}

/** `first-rows` are those of the first file that has any; `where` is the first of them. */
function toRule(result: RuleResult): Result['rules'][number] {
  const first = result.places[0];
  return {
    id: result.id,
    'data-set': result.dataSet,
    ...(result.column === undefined ? {} : { column: result.column }),
    kind: result.kind,
    verdict: result.verdict,
    severity: result.severity,
    ...(result.count === undefined ? {} : { count: result.count }),
    ...(result.share === undefined ? {} : { share: result.share }),
    'first-rows': result.places.filter((p) => p.file === first?.file).map((p) => p.row),
    ...(first === undefined
      ? {}
      : { where: { file: first.file.path, ...(first.line === undefined ? {} : { line: first.line }) } }),
    ...(result.samples === undefined ? {} : { samples: [...result.samples] }),
    message: result.message,
  };
}
