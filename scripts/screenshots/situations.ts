import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { createGateProject, type GateProject } from '@sluice/testing/gate-project.ts';
import { EVALUATE, testSet, type FlightModel } from './flights.ts';

/** In which theme, or on a telephone. */
export type Look = 'light' | 'dark' | 'narrow';
const WIDE: readonly Look[] = ['light', 'dark'];

/** One view of a report. */
export interface Picture {
  readonly name: string;
  /** Those in the documentation; the others are for whoever works on the report. */
  readonly published: readonly Look[];
  /** Beginnings of the summaries that are unfolded for it. */
  readonly open?: readonly string[];
}

/** A run of the built action that somebody sees on a pull request. */
export interface Situation {
  readonly name: string;
  readonly rows: number;
  readonly rules: string;
  readonly candidate: FlightModel;
  /** Versions before, oldest first; the last one is live. */
  readonly versions: readonly FlightModel[];
  readonly pictures: readonly Picture[];
}

const PLAIN_RULES = `
    - {metric: auc, min: 0.70, max-regression: 0.01}
    - {metric: log-loss, max-regression: 2%, severity: warn}
    - {metric: accuracy, max-regression: 0.01}`;
const RULES = `${PLAIN_RULES}
    - {metric: recall, max-regression: 0.05, slices: [{by: carrier, min-n: 200}]}`;

const GOOD: FlightModel = { noise: 0.6, seed: 1 };
const VERSIONS: readonly FlightModel[] = [
  { noise: 1.3, seed: 5 },
  { noise: 1.0, seed: 6 },
  { noise: 0.9, seed: 7 },
  { noise: 0.7, seed: 8 },
  GOOD,
];
const WEAK: FlightModel = { ...GOOD, weak: 'B6' };

const MANY = ['accuracy', 'balanced-accuracy', 'precision', 'recall', 'auc', 'log-loss', 'brier', 'ece']
  .map((metric) => `\n    - {metric: ${metric}, max-regression: 0.01, slices: [{by: carrier}]}`)
  .join('');

export const SITUATIONS: readonly Situation[] = [
  {
    name: 'pass',
    rows: 6000,
    rules: RULES,
    candidate: { noise: 0.55, seed: 1 },
    versions: VERSIONS,
    pictures: [{ name: 'pass', published: WIDE }],
  },
  {
    name: 'fail',
    rows: 6000,
    rules: RULES,
    candidate: WEAK,
    versions: VERSIONS,
    pictures: [
      { name: 'fail', published: [...WIDE, 'narrow'] },
      { name: 'charts', published: WIDE, open: ['Intervals', 'Reliability', 'History'] },
      { name: 'folded', published: [], open: ['Rows', 'Rules', 'Slices', 'All metrics'] },
    ],
  },
  {
    name: 'inconclusive',
    rows: 400,
    rules: PLAIN_RULES,
    candidate: { noise: 0.7, seed: 2 },
    versions: VERSIONS,
    pictures: [{ name: 'inconclusive', published: WIDE }],
  },
  {
    name: 'first',
    rows: 2000,
    rules: RULES,
    candidate: GOOD,
    versions: [],
    pictures: [{ name: 'first', published: [] }],
  },
  {
    name: 'error',
    rows: 400,
    rules: `${PLAIN_RULES}\n    - {metric: f2, direction: higher, min: 0.5}`,
    candidate: GOOD,
    versions: VERSIONS,
    pictures: [{ name: 'error', published: [] }],
  },
  {
    name: 'many-rules',
    rows: 3000,
    rules: MANY,
    candidate: { ...WEAK, noise: 1 },
    versions: VERSIONS,
    pictures: [{ name: 'many-rules', published: [] }],
  },
];

/** Runs the built action in a situation and returns what it writes on the pull request. */
export async function reportOf(situation: Situation): Promise<string> {
  const project = await createGateProject(config(situation));
  try {
    await project.write({ 'evaluate.mjs': EVALUATE, 'data/test.csv': testSet(situation.rows) });
    await registerAll(project, situation.versions);
    await project.candidate(situation.candidate);
    await project.write({ 'params.json': JSON.stringify(situation.candidate) });
    await project.commit('Change the model');
    const event = path.join(project.root, 'event.json');
    const repo = { full_name: 'acme/flights' };
    await writeFile(
      event,
      JSON.stringify({
        pull_request: {
          number: 7,
          head: { sha: await project.git('rev-parse', 'HEAD'), repo },
          base: { ref: 'main', repo },
        },
      }),
    );
    const step = await project.gate({ env: { GITHUB_EVENT_PATH: event } });
    if (step.summary === '') throw new Error(`${situation.name}: no report\n${step.stdout}`);
    return step.summary;
  } finally {
    await project.remove();
  }
}

/** Each version with the metrics that it was registered with, which its own gate finds out. */
async function registerAll(project: GateProject, versions: readonly FlightModel[]): Promise<void> {
  for (const [i, model] of versions.entries()) {
    await project.candidate(model);
    const rules =
      '[{metric: auc, min: 0}, {metric: log-loss, max: 9}, {metric: accuracy, min: 0}, {metric: recall, min: 0}]';
    const gate = await project.gate({ inputs: { rules, baseline: 'latest' } });
    const measured = (gate.result['rules'] as { metric: string; candidate: number }[]).map(
      ({ metric, candidate }) => [metric, Number(candidate.toFixed(4))] as const,
    );
    const metrics = JSON.stringify(Object.fromEntries(measured));
    const version = `v${i + 1}.0.0`;
    await project.register(version, model, { 'metrics.json': metrics });
    if (i === versions.length - 1) await project.assign(version, 'production');
  }
}

function config({ rules }: Situation): string {
  return `
version: 1
model: flights
data: {test: data/test.csv}
train: {model-path: out/model.json}
gate:
  evaluate: node evaluate.mjs {model-path} {predictions}
  rules:${rules}
`;
}
