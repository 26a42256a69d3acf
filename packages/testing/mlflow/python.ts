import { execFile } from 'node:child_process';
import * as os from 'node:os';
import { promisify } from 'node:util';
import { PYTHON } from './server.ts';

/** Runs a Python script with MLflow's own client and returns the JSON that it prints last. */
export async function askPython(
  script: string,
  url: string,
  args: readonly string[] = [],
  cwd = os.tmpdir(),
): Promise<unknown> {
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', script, ...args], {
    cwd,
    maxBuffer: 16 << 20,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], MLFLOW_TRACKING_URI: url },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as unknown;
}
