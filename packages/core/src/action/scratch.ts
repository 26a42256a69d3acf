import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';

/** Makes an empty folder outside of the checkout for one step; it ends with the job where RUNNER_TEMP is set. */
export function makeScratch(env: Readonly<NodeJS.ProcessEnv>, name: string): Promise<string> {
  return mkdtemp(path.join(env['RUNNER_TEMP'] || os.tmpdir(), `sluice-${name}-`));
}

/** Removes a folder that `makeScratch` made, with all that is in it. */
export function removeScratch(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
