import { readFileSync } from 'node:fs';
import { bcaInterval, bootstrap } from '@sluice/core/gate/statistics/bootstrap.ts';
import { delong } from '@sluice/core/gate/statistics/delong.ts';
import { normalQuantile } from '@sluice/core/statistics/normal.ts';
import { judgeMetrics } from '@sluice/core/gate/kinds/metric/judge.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { Sample } from '@sluice/core/gate/sample.ts';
import { Random } from '@sluice/core/gate/statistics/random.ts';

/**
 * Measures this suite's statistics on the numbers that peers.py wrote, and prints what it measured as JSON:
 * `tsx measure.ts FOLDER`.
 */

const folder = process.argv[2] ?? '.';
const column = (name: string): Float64Array => {
  const bytes = readFileSync(`${folder}/${name}.f64`);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
};

interface Timed {
  readonly seconds: number;
  readonly 'cpu-seconds': number;
}

function timed<T>(work: () => T): { time: Timed; value: T } {
  const start = process.hrtime.bigint();
  const before = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(before);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { time: { seconds, 'cpu-seconds': (user + system) / 1e6 }, value };
}

/** The difference of two means over the same rows. */
function paired(resamples: number, method: 'BCa' | 'percentile'): Timed & { interval: readonly number[] } {
  const x = column('x');
  const y = column('y');
  const { time, value } = timed(() => {
    const difference = x.map((v, i) => v - (y[i] as number));
    const mean = (weights: Uint32Array): number => {
      let sum = 0;
      for (let i = 0; i < difference.length; i++) sum += (weights[i] as number) * (difference[i] as number);
      return sum / difference.length;
    };
    const result = bootstrap(mean, { kind: 'rows', rows: difference.length }, { resamples, seed: 20240501 });
    // Without its two corrections BCa is the percentile interval.
    return bcaInterval(method === 'BCa' ? result : { ...result, bias: 0, acceleration: 0 }, 0.95);
  });
  return { ...time, interval: value };
}

function areas(): Timed & { difference: number; standardError: number } {
  const truth = Uint8Array.from(column('truth'));
  const a = column('score-a');
  const b = column('score-b');
  const { time, value } = timed(() => delong(truth, a, b));
  return { ...time, ...value };
}

const uniform = (random: Random): number => (random.next() + 0.5) / 2 ** 32;

/** Two models of the same quality: the same signal, each with noise of its own. */
function equalModels(rows: number, random: Random): { candidate: Sample; baseline: Sample } {
  const normal = (): number => normalQuantile(uniform(random));
  const label = Float64Array.from({ length: rows }, () => Number(uniform(random) < 0.3));
  const signal = label.map((y) => y * 0.3 + normal() * 0.2 + 0.3);
  const model = (): Sample => {
    const score = signal.map((s) => Math.min(1, Math.max(0, s + normal() * 0.05)));
    return { rows, label, score, prediction: score.map((s) => Number(s > 0.45)), positive: '1' };
  };
  return { candidate: model(), baseline: model() };
}

/** How often each kind of gate fails one of two equal models. `limit`: how often it may. */
function judgeEqualModels(
  runs: number,
  rows: number,
): { name: string; share: number; limit: number | null }[] {
  const limit = { 'max-regression': 0 };
  const three = metricRules(['accuracy', 'brier', 'auc'].map((metric) => ({ metric, ...limit })));
  const gates = [
    { name: 'interval, confidence 0.95', rules: three, confidence: 0.95, limit: 0.025 },
    { name: 'interval, confidence 0.8', rules: three, confidence: 0.8, limit: 0.1 },
    {
      name: 'two numbers',
      rules: metricRules([{ metric: 'accuracy', compare: 'point', ...limit }]),
      confidence: 0.95,
      limit: null,
    },
  ].map((gate) => ({ ...gate, failed: 0 }));
  const random = new Random(7);
  for (let run = 0; run < runs; run++) {
    const { candidate, baseline } = equalModels(rows, random);
    for (const gate of gates) {
      const results = judgeMetrics(
        gate.rules,
        { sample: candidate, logged: new Map(), column: () => undefined },
        { kind: 'present', sample: { kind: 'same', value: baseline }, logged: { kind: 'absent' } },
        { confidence: gate.confidence, seed: 1 },
      );
      if (results.some((r) => r.verdict === 'fail')) gate.failed++;
    }
  }
  return gates.map(({ name, failed, limit: most }) => ({ name, share: failed / runs, limit: most }));
}

const RUNS = 4000;
const ROWS = 500;
process.stdout.write(
  JSON.stringify({
    node: process.version,
    bca: paired(10_000, 'BCa'),
    percentile: paired(10_000, 'percentile'),
    delong: areas(),
    'same-models': { runs: RUNS, rows: ROWS, gates: judgeEqualModels(RUNS, ROWS) },
  }),
);
