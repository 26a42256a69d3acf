import * as path from 'node:path';
import { makeFolderBelow, removeBelow } from '@sluice/core/action/below.ts';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { makeScratch } from '@sluice/core/action/scratch.ts';
import { EVIDENCE_FOLDER, removeStatement } from '@sluice/core/evidence/statement.ts';

/** Folders of one run, absolute. */
export interface GateFolders {
  /** What later steps read: `gate.json`, `predictions.*`, `report.md`. */
  readonly gate: string;
  /** For the baseline's bytes and predictions; removed at the end. */
  readonly scratch: string;
}

/**
 * Takes away what an earlier run left, before anything can go wrong in this one: an old verdict must never vouch for a
 * new model, and a gate that could not even read its rules must not leave one behind.
 */
export async function removeOldVerdict(directory: string): Promise<void> {
  await removeBelow(directory, gateFolder(directory));
  await removeStatement(directory, EVIDENCE_FOLDER, 'evaluate-gate');
}

/** Makes the folders of this run. */
export async function prepareFolders({ directory, env }: ActionContext): Promise<GateFolders> {
  const gate = gateFolder(directory);
  await makeFolderBelow(directory, gate);
  return { gate, scratch: await makeScratch(env, 'gate') };
}

function gateFolder(directory: string): string {
  return path.join(directory, '.sluice', 'gate');
}
