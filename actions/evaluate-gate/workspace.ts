import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';

/** Folders of one run, absolute. */
export interface GateFolders {
  /** What later steps read: `gate.json`, `predictions.*`, `report.md`. */
  readonly gate: string;
  /** Where the statement goes. */
  readonly evidence: string;
  /** For the baseline's bytes and predictions; removed at the end. */
  readonly scratch: string;
}

/** Makes the folders, without anything of an earlier run: an old verdict must never vouch for a new model. */
export async function prepareFolders({ directory, env }: ActionContext): Promise<GateFolders> {
  const gate = path.join(directory, '.sluice', 'gate');
  const evidence = path.join(directory, '.sluice', 'evidence');
  await rm(gate, { recursive: true, force: true });
  await rm(path.join(evidence, 'evaluate-gate.json'), { force: true });
  await mkdir(gate, { recursive: true });
  const scratch = await mkdtemp(path.join(env['RUNNER_TEMP'] || os.tmpdir(), 'sluice-gate-'));
  return { gate, evidence, scratch };
}
