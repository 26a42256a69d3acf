import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

const START_MS = 30_000;
const REQUEST_MS = 5_000;

/** The sample's model server, running. */
export interface ModelServer {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly python: string;
  /** The folder of serve.py. */
  readonly project: string;
  /** The folder that holds `releases` and `current`. */
  readonly root: string;
  readonly log: string;
  /** Keeps running when the caller ends. */
  readonly detached: boolean;
}

/** Starts serve.py on a free port and waits until it listens. */
export async function startServer({
  python,
  project,
  root,
  log,
  detached,
}: ServerOptions): Promise<ModelServer> {
  const child = spawn(python, ['serve.py', '--root', root, '--port', '0'], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached,
  });
  child.stderr.pipe(createWriteStream(log));
  const url = await listening(child, log);
  const stopped = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    url,
    process: child,
    stop: async () => {
      child.kill('SIGTERM');
      await stopped;
    },
  };
}

function listening(child: ChildProcess, log: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`The model server ${what}; see ${log}`));
    const timer = setTimeout(() => fail(`did not listen within ${START_MS / 1000} s`), START_MS);
    child.once('error', reject);
    child.once('close', (code) => fail(`ended with exit code ${String(code)}`));
    if (child.stderr === null) return fail('has no standard error');
    createInterface({ input: child.stderr }).on('line', (line) => {
      const address = /listening on (http:\S+)/.exec(line)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}

/** What the server answers to GET /version, or why there is no version. */
export interface Live {
  readonly status: number;
  readonly version?: string;
  readonly modelDigest?: string;
}

export async function askVersion(url: string): Promise<Live> {
  const response = await fetch(new URL('/version', url), { signal: AbortSignal.timeout(REQUEST_MS) });
  const body = (await response.json()) as Record<string, unknown>;
  return {
    status: response.status,
    ...(typeof body['version'] === 'string' ? { version: body['version'] } : {}),
    ...(typeof body['model-digest'] === 'string' ? { modelDigest: body['model-digest'] } : {}),
  };
}

/** Posts a question to the model. */
export async function askPrediction(
  url: string,
  question: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(new URL('/predict', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  return { status: response.status, body: await response.json() };
}
