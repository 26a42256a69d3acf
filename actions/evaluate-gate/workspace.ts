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

/**
 * Takes away what an earlier run left, before anything can go wrong in this one: an old verdict must never vouch for a
 * new model, and a gate that could not even read its rules must not leave one behind.
 */
export async function removeOldVerdict(directory: string): Promise<void> {
  const { gate, evidence } = foldersOf(directory);
  await rm(gate, { recursive: true, force: true });
  await rm(path.join(evidence, 'evaluate-gate.json'), { force: true });
}

/** Makes the folders of this run. */
export async function prepareFolders({ directory, env }: ActionContext): Promise<GateFolders> {
  const folders = foldersOf(directory);
  await mkdir(folders.gate, { recursive: true });
  const scratch = await mkdtemp(path.join(env['RUNNER_TEMP'] || os.tmpdir(), 'sluice-gate-'));
  return { ...folders, scratch };
}

function foldersOf(directory: string): Omit<GateFolders, 'scratch'> {
  const own = path.join(directory, '.sluice');
  return { gate: path.join(own, 'gate'), evidence: path.join(own, 'evidence') };
}
