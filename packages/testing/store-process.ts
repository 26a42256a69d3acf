import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { ROOT } from './action.ts';
import { passedOn } from './environment.ts';
import type { StoreAddress } from './store-address.ts';

/** What a process that put a model came to. */
export type PutEnd =
  | { readonly created: boolean }
  | { readonly error: { readonly reasonCode: string | undefined; readonly message: string } };

/** A process that puts a model and ends. */
export interface PutProcess {
  readonly child: ChildProcess;
  /** Undefined when it was killed before it could say. */
  readonly end: Promise<PutEnd | undefined>;
}

interface PutRequest {
  readonly model: string;
  readonly digest: string;
  readonly modelPath: string;
}

const MAIN = path.join(ROOT, 'packages/testing/store-process-main.ts');

/** Puts a model from another process. With `fileLimitKb` no file that it writes may be larger, as on a full disk. */
export function putInProcess(
  { uri, env }: StoreAddress,
  request: PutRequest,
  { fileLimitKb }: { readonly fileLimitKb?: number } = {},
): PutProcess {
  const node = [process.execPath, '--import', 'tsx', MAIN, JSON.stringify({ uri, ...request })];
  const command =
    fileLimitKb === undefined ? node : ['bash', '-c', `ulimit -f ${fileLimitKb}; exec "$0" "$@"`, ...node];
  const [program, ...args] = command as [string, ...string[]];
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...passedOn(), PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const end = new Promise<PutEnd | undefined>((resolve, reject) => {
    child.once('error', reject);
    // Before it come the secrets that are masked.
    child.once('close', () => {
      const end = said.split('\n').find((line) => line.startsWith('{'));
      resolve(end === undefined ? undefined : (JSON.parse(end) as PutEnd));
    });
  });
  return { child, end };
}
