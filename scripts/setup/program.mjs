import { mkdir, rm, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';

/** Where servers lie that are not on everybody's PATH. */
const FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/**
 * Makes `<folder>/bin/<name>`: the program of this machine, else what the first way returns that has one. Throws a SetupError
 * when none does.
 */
export async function linkProgram(folder, name, ways) {
  const link = path.join(folder, 'bin', name);
  if (await runs(link)) return;
  for (const way of [() => onThisMachine(name), ...ways]) {
    const program = await way();
    if (program === undefined) continue;
    await mkdir(path.dirname(link), { recursive: true });
    await rm(link, { force: true });
    await symlink(program, link);
    return;
  }
  throw new SetupError(
    `${name} is needed by the end-to-end tests. Install it (apt-get, dnf or brew install ${name}).`,
  );
}

/** The absolute path of a program; undefined when there is none that runs. */
export async function onThisMachine(name) {
  if (await runs(name)) return (await runQuietly(`Finding ${name}`, 'which', [name])).trim();
  for (const folder of FOLDERS) {
    const program = path.join(folder, name);
    if (await runs(program)) return program;
  }
  return undefined;
}

/** Whether a program says its version. */
export async function runs(program) {
  try {
    await runQuietly(`Asking ${program} for its version`, program, ['-v']);
    return true;
  } catch (error) {
    if (error instanceof SetupError) return false;
    throw error;
  }
}
