import { UserError } from '../action/errors.ts';

/** The first git that takes configuration from its environment (GIT_CONFIG_COUNT): how it is let in, and kept harmless. */
export const OLDEST_GIT = [2, 31] as const;

/** Throws `missing-file` where `git version` names a git that is too old; one whose answer is not understood is let through. */
export function requireGit(answer: string): void {
  const [, version = '', major, minor] = /git version ((\d+)\.(\d+)[^\s]*)/.exec(answer) ?? [];
  if (major === undefined || minor === undefined) return;
  const [oldestMajor, oldestMinor] = OLDEST_GIT;
  const isOld = Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  if (!isOld) return;
  throw new UserError(
    'missing-file',
    `git on this runner is ${version}, and at least ${OLDEST_GIT.join('.')} is needed: an older one does not take its configuration from the step. Install a newer git in a step before, or on the runner (docs/runners.md).`,
  );
}
