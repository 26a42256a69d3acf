import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ROOT } from '@sluice/testing/action.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));
/** The environment of test/requirements.txt. */
export const BIN = path.join(ROOT, '.venv', 'bin');

/** Runs a script of this folder; what it prints. */
export async function runPython(script: string, ...args: readonly string[]): Promise<string> {
  const run = promisify(execFile);
  return (await run(path.join(BIN, 'python'), [path.join(HERE, script), ...args])).stdout;
}

/** What a script of this folder answers to a document, both in JSON. Loading scipy takes seconds: ask everything at once. */
export async function askPython<T>(script: string, document: unknown, env = process.env): Promise<T> {
  const options = { maxBuffer: 2 ** 30, env };
  const running = promisify(execFile)(path.join(BIN, 'python'), [path.join(HERE, script)], options);
  running.child.stdin?.end(JSON.stringify(document));
  return JSON.parse((await running).stdout) as T;
}
