import * as z from 'zod/mini';
import { UserError } from '../../../action/errors.ts';
import { parseJson } from '../../../action/json.ts';
import { LIMITS, readBoundedText } from '../../../action/limits.ts';
import { insideWorkspace } from '../../../action/paths.ts';
import type { PredictionColumn, Predictions } from '../../../data/predictions.ts';
import type { Section } from '../../../schema/section.ts';
import type { Limit, MetricRule } from '../metric-rule.ts';
import type { AnalysisStep, MetricObservation } from '../providers/kind.ts';
import { joinLabels, type Joined, type Labels, type Recorded } from './join.ts';
import type { LabelsConfig } from './schema.ts';

const DEFAULT_MIN_SAMPLES = 100;

/** The rules about the accuracy; throws UserError `bad-config` where none is asked for. */
export function labelRules({ value, name }: Section<LabelsConfig>): MetricRule[] {
  const { min, 'max-decrease': decrease } = value.accuracy;
  const rule = (id: string, limit: Limit): MetricRule => ({
    id,
    kind: 'proportion',
    unit: 'labelled predictions',
    limit,
    minSamples: value['min-samples'] ?? DEFAULT_MIN_SAMPLES,
  });
  const rules = [
    ...(min === undefined ? [] : [rule('labels.accuracy', { bound: 'min', value: min })]),
    ...(decrease === undefined ? [] : [rule('labels.accuracy-decrease', decreaseLimit(decrease))]),
  ];
  if (rules.length > 0) return rules;
  throw new UserError(
    'bad-config',
    `${name}.accuracy says nothing of what the predictions have to be like. Add min, such as accuracy: {min: 0.9}, or max-decrease.`,
  );
}

function decreaseLimit(decrease: number | string): Limit {
  return typeof decrease === 'number'
    ? { bound: 'max-decrease', value: decrease, relative: false }
    : { bound: 'max-decrease', value: Number.parseFloat(decrease) / 100, relative: true };
}

/** What the labels that are there by now say of both versions: one observation for each rule. The log says what was left out. */
export async function observeLabels(
  section: Section<LabelsConfig>,
  versions: Parameters<typeof joinLabels>[2],
  step: AnalysisStep,
  signal: AbortSignal,
): Promise<Joined & { readonly observations: readonly MetricObservation[] }> {
  const recorded = await readRecorded(section, step);
  const labels = await readLabels(section, step, signal);
  const joined = joinLabels(recorded, labels, versions, section.value.tolerance ?? 0);
  step.log.info(joined.message);
  const observations = labelRules(section).map(({ id }) => ({ metric: id, observation: joined.observation }));
  return { ...joined, observations };
}

const recordedLine = z.object({ id: z.string(), version: z.string(), prediction: z.unknown() });

/** The predictions that were recorded, the first of a request and a version. */
export async function readRecorded(
  { value, name, folder }: Section<LabelsConfig>,
  { workspace }: Pick<AnalysisStep, 'workspace'>,
): Promise<Recorded[]> {
  const shown = value.predictions;
  const what = { what: `${name}.predictions`, kind: 'file' } as const;
  const file = await insideWorkspace(workspace, folder, shown, what);
  const text = await readBoundedText(file, { name: shown, reason: 'bad-input', limit: LIMITS.records });
  const known = new Map<string, Recorded>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = recordedLine.safeParse(parseJson(line));
    if (!parsed.success) {
      throw new UserError(
        'bad-input',
        `${shown}:${index + 1} is no recorded prediction. Name the file that the key record of an analysis named; a line of it is {"id": …, "version": …, "prediction": …}.`,
      );
    }
    const key = JSON.stringify([parsed.data.id, parsed.data.version]);
    if (!known.has(key)) known.set(key, parsed.data);
  }
  return [...known.values()];
}

/** The labels that are there by now. Throws `bad-input` for an id that has two. */
async function readLabels(
  { value, name, folder }: Section<LabelsConfig>,
  { env, log, workspace }: AnalysisStep,
  signal: AbortSignal,
): Promise<Labels> {
  // What reads tables is large, and most rollouts read none.
  const { expandFiles } = await import('../../../data/files.ts');
  const { installDuckdb } = await import('../../../data/duckdb-install.ts');
  const { readPredictions } = await import('../../../data/predictions.ts');
  const what = `${name}.file`;
  const { files } = await expandFiles([value.file], {
    base: folder,
    what,
    inside: (given) => insideWorkspace(workspace, folder, given, { what, kind: 'file' }),
  });
  const binding = await installDuckdb({ given: undefined, env, directory: workspace, log, signal });
  const names = { id: value.id ?? 'id', label: value.label ?? 'label' };
  const only = new Set([names.id, names.label]);
  const table = await readPredictions(files, { only, binding, temporary: env['RUNNER_TEMP'] });
  return labelsIn(table, names, value.file);
}

/** The labels of a table by id. A row without a label is one whose label has not come yet. */
export function labelsIn(
  table: Predictions,
  names: { readonly id: string; readonly label: string },
  shown: string,
): Labels {
  const [ids, values] = [
    columnOf(table, names.id, shown, 'id'),
    columnOf(table, names.label, shown, 'label'),
  ];
  const labels = new Map<string, string>();
  for (let row = 0; row < table.rows; row++) {
    const [id, label] = [ids.at(row), values.at(row)];
    if (id === null || label === null) continue;
    const other = labels.get(id);
    if (other !== undefined && other !== label) {
      throw new UserError(
        'bad-input',
        `${shown} has two labels of ${names.id} '${id}': '${other}' and '${label}'. Keep the one that is right.`,
      );
    }
    labels.set(id, label);
  }
  return labels;
}

function columnOf(table: Predictions, name: string, shown: string, key: string): PredictionColumn {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  throw new UserError(
    'bad-input',
    `${shown} has no column '${name}'. Write the column's name to the key ${key} of labels in sluice.yaml.`,
  );
}
