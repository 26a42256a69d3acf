import { readFile, stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError, errorCode, errorMessage } from '@sluice/core/action/errors.ts';
import { parseMetrics } from '@sluice/core/gate/metrics-file.ts';
import type { Companion } from '@sluice/core/store/store.ts';
import { gateFolder, type NamedFile, type Settings } from './inputs.ts';

/** What is stored beside a model, and what the report says about it. */
export interface Findings {
  /** Everything but the passport. */
  readonly files: ReadonlyMap<string, Companion>;
  readonly metrics: Readonly<Record<string, number>>;
  /** Why a metric has no number, one sentence each. */
  readonly leftOut: readonly string[];
}

/** The part of `gate.json` that is read here. */
const gateSchema = z.looseObject({
  metrics: z.record(z.string(), z.number()),
  predictions: z.nullable(z.string()),
});
type GateRecord = z.infer<typeof gateSchema>;

/** Collects metrics, predictions and the gate's record. */
export async function collectCompanions(settings: Settings): Promise<Findings> {
  const folder = gateFolder(settings.evidencePath);
  const gate = await readGate(path.join(folder, 'gate.json'));
  const { metrics, leftOut } = await readMetrics(settings.metrics, gate);
  const files = new Map<string, Companion>([
    ['metrics.json', { text: `${JSON.stringify(metrics, null, 2)}\n` }],
  ]);
  if (gate !== undefined) files.set('gate.json', { path: path.join(folder, 'gate.json') });
  const predictions = await predictionsFile(settings, gate, folder);
  if (predictions !== undefined) files.set(`predictions${path.extname(predictions)}`, { path: predictions });
  return { files, metrics, leftOut };
}

async function readGate(file: string): Promise<GateRecord | undefined> {
  try {
    return z.parse(gateSchema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new UserError(
      'bad-input',
      `${file} is not what evaluate-gate writes: ${errorMessage(error)}. Run evaluate-gate again.`,
      { cause: error },
    );
  }
}

/** What the training logged, and over it what the gate computed. Values that are not finite numbers have no place. */
async function readMetrics(
  named: NamedFile | undefined,
  gate: GateRecord | undefined,
): Promise<Pick<Findings, 'metrics' | 'leftOut'>> {
  const logged =
    named === undefined
      ? []
      : [...parseMetrics(await readFile(named.file, 'utf8'), `${named.what} (${named.file})`)];
  const numbers = logged.flatMap(([name, m]) => (m.kind === 'value' ? [[name, m.value] as const] : []));
  const metrics = new Map([...numbers, ...Object.entries(gate?.metrics ?? {})]);
  return {
    metrics: Object.fromEntries([...metrics].sort(([a], [b]) => (a < b ? -1 : 1))),
    leftOut: logged.flatMap(([, m]) => (m.kind === 'problem' ? [m.message] : [])),
  };
}

async function predictionsFile(
  settings: Settings,
  gate: GateRecord | undefined,
  folder: string,
): Promise<string | undefined> {
  if (settings.predictionsInput !== undefined) return notEmpty(settings.predictionsInput);
  if (typeof gate?.predictions === 'string') {
    const file = path.join(folder, path.basename(gate.predictions));
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
    throw new UserError('missing-file', `${what}: ${file} is not there. Run evaluate-gate again.`);
  if (size === 0)
    throw new UserError('bad-input', `${what}: ${file} is empty. Write predictions into it, or name none.`);
  return file;
}
