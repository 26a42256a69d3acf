import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './action.ts';
import { PYTHON } from './mlflow/server.ts';

const execute = promisify(execFile);

/** The blocks of bash in a page, by the heading that each stands under. */
export async function shellBlocks(page: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile(path.join(ROOT, page), 'utf8');
  const blocks = new Map<string, string[]>();
  let heading = '';
  for (const [, title, block] of text.matchAll(/^#+ (.+)$|^```bash\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    if (block !== undefined) blocks.set(heading, [...(blocks.get(heading) ?? []), block]);
  }
  return blocks;
}

/** What a block did. */
export interface BlockResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a block as a runner runs the `run` of a step, with the clients that `npm run test:e2e` installs where it did. */
export async function runBlock(
  block: string,
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<BlockResult> {
  const { PATH = '', HOME } = process.env;
  const programs = `${path.dirname(PYTHON)}:${PATH}`;
  try {
    const done = await execute('bash', ['-e', '-c', block], { cwd, env: { PATH: programs, HOME, ...env } });
    return { code: 0, ...done };
  } catch (error) {
    return error as BlockResult;
  }
}
