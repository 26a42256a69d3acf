import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';

/** A git command that a step started. */
export interface GitCommand {
  readonly name: string;
  /** Seconds since 1970. */
  readonly time: number;
  /** Whether it reaches the remote. */
  readonly network: boolean;
}

/** Stands before git on PATH and writes down what is started. */
export interface GitCommands {
  /** For the environment of a step. */
  readonly path: string;
  /** What was started since the last call. */
  take(): Promise<GitCommand[]>;
}

const NETWORK = /^(?:ls-remote|fetch|push)$/;

/** Makes one in a folder below `root`; commands that reach the remote take `delay` seconds longer. */
export async function watchGit(root: string, delay = 0): Promise<GitCommands> {
  const folder = await mkdtemp(path.join(root, 'git-'));
  const log = path.join(folder, 'log');
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const wait = delay === 0 ? '' : `case "$1" in ls-remote | fetch | push) sleep ${delay} ;; esac\n`;
  await writeFile(
    path.join(folder, 'git'),
    `#!/bin/bash\necho "$EPOCHREALTIME $1" >> '${log}'\n${wait}exec '${git}' "$@"\n`,
    { mode: 0o755 },
  );
  return {
    path: `${folder}:${process.env['PATH'] ?? ''}`,
    async take() {
      const lines = (await readFile(log, 'utf8')).trim().split('\n');
      await rm(log);
      return lines.map((line) => {
        const [time = '', name = ''] = line.split(' ');
        return { name, time: Number(time), network: NETWORK.test(name) };
      });
    },
  };
}
