import { writeBelow } from '../../action/below.ts';
import type { ActionContext } from '../../action/context.ts';
import { isUserError } from '../../action/errors.ts';
import { LIMITS, readBounded } from '../../action/limits.ts';
import { insideWorkspace, nameWithin } from '../../action/paths.ts';
import { parseYaml } from '../../schema/parse.ts';
import { LOCK_FILE, lockSchema, readPins, renderLock, type Pins } from '../lock.ts';

/** The pins of sluice.lock.yaml in a folder; undefined when there is no such file. Throws `bad-config` with the line. */
export async function readLock(
  { workspace }: Pick<ActionContext, 'workspace'>,
  base: string,
): Promise<Pins | undefined> {
  const file = await lockPath(workspace, base, 'file').catch((error: unknown) => {
    if (isUserError(error) && error.reasonCode === 'missing-file') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  const name = nameWithin(workspace, file);
  const source = { name, reason: 'bad-config', limit: LIMITS.records } as const;
  const text = (await readBounded(file, source)).toString('utf8');
  const { data } = parseYaml(text, lockSchema, source);
  return readPins(data);
}

/** Writes sluice.lock.yaml in one move. */
export async function writeLock(
  { workspace }: Pick<ActionContext, 'workspace'>,
  base: string,
  pins: Pins,
): Promise<void> {
  await writeBelow(workspace, await lockPath(workspace, base, 'absent'), renderLock(pins));
}

function lockPath(workspace: string, base: string, kind: 'file' | 'absent'): Promise<string> {
  return insideWorkspace(workspace, base, LOCK_FILE, { what: `the lock file ${LOCK_FILE}`, kind });
}
