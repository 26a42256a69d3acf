import { readFile } from 'node:fs/promises';
import * as path from 'node:path';

/** Ends the servers of all versions that a program of workflows-examples/targets has started for a folder. */
export async function endServers(root: string): Promise<void> {
  const text = await readFile(path.join(root, 'target.json'), 'utf8').catch(() => '{"versions": {}}');
  const { versions } = JSON.parse(text) as { versions: Record<string, { pid: number }> };
  for (const { pid } of Object.values(versions)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
