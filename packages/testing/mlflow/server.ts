import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../action.ts';

/** Python with MLflow, which `npm run test:e2e` installs. */
export const PYTHON = path.join(ROOT, '.cache/e2e/bin/python');

export const KEEPER = path.join(ROOT, 'packages/testing/mlflow/keeper.mjs');

/** A server that a test started. */
export interface StartedServer {
  readonly url: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts a program that serves on the port it is given, and waits until `health` answers. It never outlives this process. */
export async function startServer(
  name: string,
  args: (port: number, folder: string) => readonly string[],
  health: string,
  env: Readonly<Record<string, string>> = {},
  prepare: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<StartedServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), `sluice-${name}-`));
  await prepare(folder);
  const port = await freePort();
  const file = path.join(folder, 'server.log');
  const log = openSync(file, 'w');
  const child = spawn(process.execPath, [KEEPER, ...args(port, folder)], {
    cwd: folder,
    stdio: ['pipe', log, log],
    env: { PATH: `${path.dirname(PYTHON)}:${process.env['PATH'] ?? ''}`, HOME: folder, ...env },
  });
  closeSync(log);
  let ended = false;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve(void (ended = true))));
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    child.stdin?.end();
    await gone;
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    await untilHealthy(`${url}${health}`, () => ended);
  } catch (error) {
    const said = await readFile(file, 'utf8');
    await stop();
    throw new Error(`${name} did not start:\n${said.slice(-3000)}`, { cause: error });
  }
  return { url, folder, stop };
}

const PATIENCE_MS = 180_000;

async function untilHealthy(url: string, ended: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) return;
    if (ended() || performance.now() > deadline) throw new Error(`no answer from ${url}`);
    await sleep(100);
  }
}

/** A port of this machine that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts an MLflow server with a database and an artifact folder of its own. */
export function startMlflow(
  options: readonly string[] = ['--artifacts-destination', './artifacts'],
  env: Readonly<Record<string, string>> = {},
): Promise<StartedServer> {
  return startServer(
    'mlflow',
    (port) => [
      PYTHON,
      '-m',
      'mlflow',
      'server',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--workers',
      '1',
      '--backend-store-uri',
      'sqlite:///mlflow.db',
      ...options,
    ],
    '/health',
    // Without the background jobs, which are processes of their own.
    { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', ...env },
  );
}
