import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { writeSection } from '../section.mjs';

/*
 * Judges ten million predictions of two models in Parquet with the built action, and measures the most memory that it
 * had. Usage: npm run bench -- gate scale   Exits 1 above 2 GB.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ROWS = Number(process.env['ROWS'] ?? 10_000_000);
const MOST_BYTES = 2e9;
/** One rule for each test but the bootstrap, and one that is judged by slice. */
const RULES = ['auc', 'accuracy', 'log-loss', 'recall'];
const SLICED = 'recall';

/** The baseline has its rows in another order, so that they have to be matched by id. */
async function writeModels(folder: string): Promise<void> {
  const model = (shift: number, order: string): string => `
    SELECT 'row-' || i AS id, label, CAST(score > 0.5 AS INTEGER) AS prediction, score, 'g' || (i % 20) AS region
    FROM (SELECT i, CAST(hash(i) % 10 < 3 AS INTEGER) AS label,
                 least(1, greatest(0, 0.35 + 0.3 * CAST(hash(i) % 10 < 3 AS INTEGER)
                   + 0.4 * ((hash(i + 100000000) % 1000003) / 1000003.0 - 0.5)
                   + 0.1 * ((hash(i + ${shift}) % 1000003) / 1000003.0 - 0.5)))::DOUBLE AS score
          FROM range(${ROWS}) t(i)) ${order}`;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const write = async (name: string, query: string): Promise<void> => {
    await connection.run(`COPY (${query}) TO '${path.join(folder, name)}' (FORMAT parquet)`);
  };
  await write('new.parquet', model(200_000_000, 'ORDER BY i'));
  await write('old.parquet', model(300_000_000, 'ORDER BY hash(i + 7)'));
  connection.closeSync();
}

interface Judged {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
  readonly result: { readonly rules: readonly Record<string, unknown>[] };
}

/** Runs the action under GNU time, which says how much memory the process had at most, the query engine's included. */
function judge(folder: string): Judged {
  const files = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'].map(
    (name) => [name, path.join(folder, name)] as const,
  );
  for (const [, file] of files) writeFileSync(file, '');
  const rules = RULES.map((metric) => {
    const slices = metric === SLICED ? ', slices: [{by: region}]' : '';
    return `- {metric: ${metric}, max-regression: 0.01${slices}}`;
  });
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    ...Object.fromEntries(files),
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
    RUNNER_TOOL_CACHE: path.join(ROOT, '.cache/tool-cache'),
    INPUT_MODEL: 'scale',
    INPUT_PREDICTIONS: 'new.parquet',
    'INPUT_BASELINE-PREDICTIONS': 'old.parquet',
    INPUT_RULES: rules.join('\n'),
  };
  const start = process.hrtime.bigint();
  const child = spawnSync(
    '/usr/bin/time',
    [
      '-f',
      '%M %U %S',
      '-o',
      path.join(folder, 'memory'),
      process.execPath,
      path.join(ROOT, 'dist/evaluate-gate/main.js'),
    ],
    { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (child.status !== 0)
    throw new Error(`evaluate-gate ended with ${child.status}: ${child.stdout}${child.stderr}`);
  const used = readFileSync(path.join(folder, 'memory'), 'utf8').trim().split('\n').at(-1) ?? '';
  const [kilobytes, user, system] = used.split(' ').map(Number) as [number, number, number];
  const output = readFileSync(path.join(folder, 'GITHUB_OUTPUT'), 'utf8');
  const result = JSON.parse(/^result<<(\S+)\n([\s\S]*?)\n\1$/m.exec(output)?.[2] ?? '{}') as { rules: [] };
  return { seconds, cpuSeconds: user + system, bytes: kilobytes * 1024, result };
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-scale-'));
try {
  await writeModels(folder);
  const { seconds, cpuSeconds, bytes, result } = judge(folder);
  const rows = result.rules
    .filter((rule) => rule['slice'] === null)
    .map((rule) => {
      const [low, high] = (rule['interval'] as number[]).map((x) => x.toExponential(3));
      return `| ${String(rule['metric'])} | ${String(rule['test'])} | ${String(rule['candidate'])} | ${low} to ${high} | ${Number(rule['n']).toLocaleString('en-US')} |`;
    });
  writeSection(
    new URL('results.md', import.meta.url),
    'scale',
    `## ${ROWS.toLocaleString('en-US')} predictions of two models, in Parquet

Made by \`tsx bench/gate/scale.ts\` on Node ${process.version}, ${process.platform}-${process.arch}, ${os.availableParallelism()} cores, through the built action. Ids are
texts, and the baseline has its rows in another order. ${RULES.join(', ')} are judged by their intervals, ${SLICED} in 20 slices as well.

Most memory: **${(bytes / 1e9).toFixed(2)} GB** of the whole process, the query engine included (at most 2 GB is asked for).
${cpuSeconds.toFixed(0)} seconds of processor time, ${seconds.toFixed(0)} of the clock, which counts other work on the machine as well.

| metric | test | candidate | interval of the change | rows |
| --- | --- | ---: | --- | ---: |
${rows.join('\n')}`,
  );
  if (bytes > MOST_BYTES) {
    console.error(`${(bytes / 1e9).toFixed(2)} GB is more than 2 GB`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
