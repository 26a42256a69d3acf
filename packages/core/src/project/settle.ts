import type { Log } from '../action/log.ts';
import type { ProjectPath } from './given.ts';
import { ambiguous, resolveFile, type Facts, type FileKey } from './resolve.ts';

/**
 * Where one of the files is; the log says where it was found when nobody set it. Where dvc.yaml leaves it open: throws
 * `bad-input` when it is needed, else the log says so and it is undefined.
 */
export function settleFile(facts: Facts, key: FileKey, log: Log, isNeeded: boolean): ProjectPath | undefined {
  const resolved = resolveFile(facts, key);
  if (resolved.kind === 'none') return undefined;
  if (resolved.kind === 'ambiguous') {
    const problem = ambiguous(key, resolved.candidates, facts);
    if (isNeeded) throw problem;
    log.info(`${key} is not set. ${problem.message}`);
    return undefined;
  }
  const { source, what, given } = resolved.value;
  if (source === 'dvc.yaml') log.info(`${key} is not set: ${given}, from ${what}.`);
  return resolved.value;
}
