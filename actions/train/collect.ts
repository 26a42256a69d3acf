import { stat } from 'node:fs/promises';
import { UserError, errorMessage } from '@sluice/core/action/errors.ts';
import { LIMITS, readBoundedText } from '@sluice/core/action/limits.ts';
import { exists } from '@sluice/core/digest/exists.ts';
import { sha256File } from '@sluice/core/digest/files.ts';
import { digestModel, type ModelDigest } from '@sluice/core/digest/model.ts';
import { UnusableModelError } from '@sluice/core/digest/unusable.ts';
import { parseMetrics } from '@sluice/core/gate/metrics-file.ts';
import type { REASONS, Reason } from './definition.ts';
import type { OutputPath, Outputs } from './inputs.ts';

/** What a run made, digested. */
export interface Made {
  readonly model: ModelDigest;
  readonly metrics: Readonly<Record<string, number>>;
  readonly notNumeric: readonly { readonly metric: string; readonly message: string }[];
  /** sha256 in hex of the files, absent when none is configured. */
  readonly metricsDigest?: string;
  readonly predictionsDigest?: string;
  /** The other outputs, in their order. */
  readonly others: readonly ModelDigest[];
}

/** Reads what the command left. Throws `no-model`, `no-metrics`, `no-predictions` or `no-outputs` (decision `fail`). */
export async function collect(outputs: Outputs): Promise<Made> {
  const model = await collectModel(outputs.model);
  const read = outputs.metrics === undefined ? undefined : await collectMetrics(outputs.metrics);
  const predictions = outputs.predictions;
  if (predictions !== undefined && !(await hasBytes(predictions.absolute))) {
    throw failure(
      'no-predictions',
      `${missing(predictions)} Let the command write it, or leave ${predictions.what} out.`,
    );
  }
  return {
    model,
    metrics: read?.metrics ?? {},
    notNumeric: read?.notNumeric ?? [],
    ...(outputs.metrics && { metricsDigest: await sha256File(outputs.metrics.absolute) }),
    ...(predictions && { predictionsDigest: await sha256File(predictions.absolute) }),
    others: await Promise.all(outputs.others.map(collectOther)),
  };
}

async function collectModel(output: OutputPath): Promise<ModelDigest> {
  if (!(await exists(output.absolute))) {
    throw failure(
      'no-model',
      `${output.what} is '${output.name}', but the command left nothing there. Let it write the model there, or correct ${output.what}.`,
    );
  }
  const model = await digested(output, 'no-model', 'The model');
  if (model.bytes > 0) return model;
  throw failure('no-model', `The model at '${output.name}' has zero bytes. Check how the command writes it.`);
}

async function collectOther(output: OutputPath): Promise<ModelDigest> {
  if (await exists(output.absolute)) return digested(output, 'no-outputs', 'The output');
  throw failure(
    'no-outputs',
    `${output.what} has '${output.name}', but the command left nothing there. Let it write that, or take it out of ${output.what}.`,
  );
}

async function digested(
  output: OutputPath,
  reason: 'no-model' | 'no-outputs',
  what: string,
): Promise<ModelDigest> {
  try {
    return await digestModel(output.absolute);
  } catch (error) {
    if (!(error instanceof UnusableModelError)) throw error;
    throw failure(reason, `${what} at '${output.name}' cannot be used: ${error.message}`);
  }
}

async function collectMetrics(output: OutputPath): Promise<Pick<Made, 'metrics' | 'notNumeric'>> {
  if (!(await hasBytes(output.absolute))) {
    throw failure('no-metrics', `${missing(output)} Let the command write it, or leave ${output.what} out.`);
  }
  const text = await metricsText(output);
  const metrics: Record<string, number> = {};
  const notNumeric: { metric: string; message: string }[] = [];
  for (const [metric, measured] of parsed(text, output)) {
    if (measured.kind === 'value') metrics[metric] = measured.value;
    else notNumeric.push({ metric, message: measured.message });
  }
  if (Object.keys(metrics).length > 0) return { metrics, notNumeric };
  const why = notNumeric.map(({ message }) => message).join(' ');
  throw failure(
    'no-metrics',
    `The metrics file '${output.name}' has no metric that is a number. ${why}`.trim(),
  );
}

function metricsText({ absolute, name }: OutputPath): Promise<string> {
  const source = { name: `The metrics file '${name}'`, reason: 'bad-input', limit: LIMITS.metrics } as const;
  return readBoundedText(absolute, source);
}

function parsed(text: string, output: OutputPath): ReturnType<typeof parseMetrics> {
  try {
    return parseMetrics(text, `The metrics file '${output.name}'`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw failure('no-metrics', errorMessage(error));
  }
}

async function hasBytes(file: string): Promise<boolean> {
  const info = await stat(file).catch(() => undefined);
  return info?.isFile() === true && info.size > 0;
}

function missing({ what, name }: OutputPath): string {
  return `${what} is '${name}', but after the command there is no file with content.`;
}

function failure(reason: keyof typeof REASONS, message: string): UserError {
  return new UserError<Reason>(reason, message, { decision: 'fail' });
}
