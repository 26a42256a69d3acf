import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { readBelow, refuseLinks } from '@sluice/core/action/below.ts';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError, errorCode, errorMessage } from '@sluice/core/action/errors.ts';
import { sha256, sha256File } from '@sluice/core/digest/files.ts';
import { GATE_RECORD, type BoundFiles } from '@sluice/core/evidence/bound-files.ts';
import { recordedTestSet, type TestSetIdentity } from '@sluice/core/gate/test-set-identity.ts';
import { parseMetrics, type LoggedMetrics } from '@sluice/core/gate/metrics-file.ts';
import type { Companion } from '@sluice/core/store/store.ts';
import { RECORDED_GOLDEN } from '@sluice/core/serving/golden.ts';
import type { Reason } from './definition.ts';
import type { RecordedGolden } from './golden.ts';
import { requireBound } from '@sluice/core/evidence/gather.ts';
import { gateFolder, type NamedFile, type RegisterSettings } from './inputs.ts';

/** What is stored beside a model, and what the report says about it. */
export interface Findings {
  /** Everything but the passport. */
  readonly files: ReadonlyMap<string, Companion>;
  readonly metrics: Readonly<Record<string, number>>;
  /** sha256 (hex) of the text of metrics.json. */
  readonly metricsDigest: string;
  /** The test set that the gate measured on, as far as it knew. */
  readonly testSet: TestSetIdentity;
  /** Name of the predictions and their sha256, as the tag names them; undefined without any. */
  readonly predictions: string | undefined;
  /** Golden requests with the model's own answers; undefined without any. */
  readonly golden: RecordedGolden | undefined;
  /** Why a metric has no number, one sentence each. */
  readonly leftOut: readonly string[];
}

/** The part of `gate.json` that is read here. */
const gateSchema = z.looseObject({
  metrics: z.record(z.string(), z.number()),
  'test-set-digest': z.optional(z.nullable(z.string())),
  'test-set-md5': z.optional(z.nullable(z.string())),
  predictions: z.nullable(z.string()),
});
type GateRecord = z.infer<typeof gateSchema> & { readonly text: string };

export const METRICS = 'metrics.json';

/** Collects metrics, predictions and the gate's record. Throws `evidence-mismatch` for one that the evidence does not name. */
export async function collectCompanions(
  { workspace }: Pick<ActionContext, 'workspace'>,
  settings: RegisterSettings,
  bound: BoundFiles,
  golden: RecordedGolden | undefined,
): Promise<Findings> {
  const folder = gateFolder(settings.evidencePath);
  const gate = await readGate(workspace, path.join(folder, GATE_RECORD), bound);
  const { metrics, leftOut } = await readMetrics(settings.metrics, gate, bound);
  const text = `${JSON.stringify(metrics, null, 2)}\n`;
  const files = new Map<string, Companion>([[METRICS, { text }]]);
  if (gate !== undefined) files.set(GATE_RECORD, { text: gate.text });
  if (golden !== undefined) files.set(RECORDED_GOLDEN, { text: golden.text });
  let named: string | undefined;
  const predictions = await predictionsFile(workspace, settings, gate);
  if (predictions !== undefined) {
    const digest = await sha256File(predictions);
    requireBound(`The file ${predictions}`, digest, bound.predictions);
    const name = `predictions${path.extname(predictions)}`;
    files.set(name, { path: predictions });
    named = `${name} sha256:${digest}`;
  }
  return {
    files,
    metrics,
    metricsDigest: sha256(text),
    predictions: named,
    golden,
    testSet: recordedTestSet(gate),
    leftOut,
  };
}

async function readGate(workspace: string, file: string, bound: BoundFiles): Promise<GateRecord | undefined> {
  const bytes = await readBelow(workspace, file);
  if (bytes === undefined) return undefined;
  requireBound(`The gate's record ${file}`, sha256(bytes), bound.record);
  const text = bytes.toString('utf8');
  return { ...parseGate(text, file), text };
}

/** Parses the gate's record. Throws `bad-input` for what is none; `what` names it. */
export function parseGate(text: string, what: string): z.infer<typeof gateSchema> {
  try {
    return z.parse(gateSchema, JSON.parse(text));
  } catch (error) {
    throw new UserError<Reason>(
      'bad-input',
      `${what} is not what evaluate-gate writes: ${errorMessage(error)}. Run evaluate-gate again.`,
      { cause: error },
    );
  }
}

/** What the training logged, and over it what the gate computed. Values that are not finite numbers have no place. */
async function readMetrics(
  named: NamedFile | undefined,
  gate: GateRecord | undefined,
  bound: BoundFiles,
): Promise<Pick<Findings, 'metrics' | 'leftOut'>> {
  const logged = named === undefined ? [] : [...(await readLogged(named, bound))];
  const numbers = logged.flatMap(([name, m]) => (m.kind === 'value' ? [[name, m.value] as const] : []));
  const metrics = new Map([...numbers, ...Object.entries(gate?.metrics ?? {})]);
  return {
    metrics: Object.fromEntries([...metrics].sort(([a], [b]) => (a < b ? -1 : 1))),
    leftOut: logged.flatMap(([, m]) => (m.kind === 'problem' ? [m.message] : [])),
  };
}

/** Numbers that neither the training nor the gate knows of are the user's own word; others must be what they saw. */
async function readLogged({ file, what }: NamedFile, { metrics }: BoundFiles): Promise<LoggedMetrics> {
  const bytes = await readFile(file);
  if (metrics.size > 0) requireBound(`${what} (${file})`, sha256(bytes), metrics);
  return parseMetrics(bytes.toString('utf8'), `${what} (${file})`);
}

async function predictionsFile(
  workspace: string,
  settings: RegisterSettings,
  gate: GateRecord | undefined,
): Promise<string | undefined> {
  if (settings.predictionsInput !== undefined) return notEmpty(settings.predictionsInput);
  if (typeof gate?.predictions === 'string') {
    const file = path.join(gateFolder(settings.evidencePath), path.basename(gate.predictions));
    await refuseLinks(workspace, file);
    return notEmpty({ file, what: 'the predictions that evaluate-gate left' });
  }
  return settings.predictionsConfig === undefined ? undefined : notEmpty(settings.predictionsConfig);
}

async function notEmpty({ file, what }: NamedFile): Promise<string> {
  const size = await stat(file).then(
    (info) => info.size,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    },
  );
  if (size === undefined)
    throw new UserError<Reason>('missing-file', `${what}: ${file} is not there. Run evaluate-gate again.`);
  if (size === 0)
    throw new UserError<Reason>(
      'bad-input',
      `${what}: ${file} is empty. Write predictions into it, or name none.`,
    );
  return file;
}
