import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { ROOT } from './action.ts';

/** A model server in its own process, following the `current` link of a folder. */
export interface RunningServer {
  readonly url: string;
  /** The reload command that makes it follow the link. */
  readonly reload: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** What a test model does; faults are described in model-server.mjs. */
export interface TestModel {
  readonly bias: number;
  readonly faults?: {
    ready?: false;
    version?: string;
    flaps?: string;
    status?: number;
    delay?: number;
    late?: number;
  };
}

/** Starts the test's model server on `root` and waits until it listens. */
export async function startModelServer(root: string): Promise<RunningServer> {
  await mkdir(root, { recursive: true });
  const program = path.join(ROOT, 'packages/testing/model-server.mjs');
  const child = spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = child.pid;
  if (pid === undefined) throw new Error('the model server did not start');
  return {
    url: line.toString('utf8').trim(),
    reload: `kill -HUP ${pid}`,
    pid,
    stop: () => stopped(child),
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

/** Writes a model folder for the server. */
export async function writeTestModel(folder: string, model: TestModel): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'model.json'), JSON.stringify(model) + '\n');
  return folder;
}
