import * as path from 'node:path';
import { moveBelow, removeBelow } from '@sluice/core/action/below.ts';
import { exists } from '@sluice/core/digest/exists.ts';
import { isInside } from '@sluice/core/action/paths.ts';
import { outputPaths, type Outputs } from './inputs.ts';

/** What an earlier run left at the output paths, out of the way until this run has ended. */
export interface SetAside {
  /** Removes what this run wrote and puts the earlier outputs back. */
  restore(): Promise<void>;
  /** Removes the earlier outputs for good. */
  drop(): Promise<void>;
}

/**
 * Moves existing outputs to hidden siblings, so that a stale model cannot pass as new and a failed run loses nothing. A
 * sibling that is there already belongs to a run that was killed: what that run left is removed first.
 */
export async function setAside(outputs: Outputs, workspace: string): Promise<SetAside> {
  const all = outputPaths(outputs).map((output) => output.absolute);
  const paths = all.filter((file) => !all.some((other) => other !== file && isInside(file, other)));
  const remove = (file: string): Promise<void> => removeBelow(workspace, file);
  const move = (from: string, to: string): Promise<boolean> => moveBelow(workspace, from, to);
  const restore = async (): Promise<void> => {
    for (const file of paths) {
      await remove(file);
      await move(siblingOf(file), file);
    }
  };
  try {
    for (const file of paths) {
      if (await exists(siblingOf(file))) await remove(file);
      else await move(file, siblingOf(file));
    }
  } catch (error) {
    for (const file of paths) await move(siblingOf(file), file);
    throw error;
  }
  return {
    restore,
    drop: async () => {
      for (const file of paths) await remove(siblingOf(file));
    },
  };
}

/** In the same folder, so that the move is one rename. */
function siblingOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.before-train`);
}
