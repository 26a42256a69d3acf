import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';

/** The server of the end-to-end tests that keeps counters. */
export const PROMETHEUS = { name: 'prometheus', version: ['--version'], file: 'usr/bin/prometheus' };

/**
 * Makes `<folder>/bin/<name>`: the program of this machine; else the one of the distribution's package of that name, unpacked into
 * the folder, so that no service is started and nothing outside of it changes but the lists of packages.
 */
export async function installDebianProgram(root, tell, folder, { name, version, file }) {
  const link = path.join(root, folder, 'bin', name);
  if (await runs(link, version)) return;
  const program = (await onPath(name, version)) ?? (await unpacked(root, tell, folder, name, file));
  await mkdir(path.dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(program, link);
}

async function runs(program, version) {
  try {
    await runQuietly('Asking for a version', program, version);
    return true;
  } catch (error) {
    if (error instanceof SetupError) return false;
    throw error;
  }
}

async function onPath(name, version) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((one) => path.join(one, name)).find((one) => existsSync(one));
  return found !== undefined && (await runs(found, version)) ? found : undefined;
}

async function unpacked(root, tell, folder, name, file) {
  const home = path.join(root, folder, 'debian', name);
  await mkdir(path.dirname(home), { recursive: true });
  const scratch = await mkdtemp(`${home}-`);
  try {
    tell(`Fetching ${name} with apt-get`);
    if (process.getuid?.() === 0) await runQuietly('apt-get update', 'apt-get', ['update', '-qq']);
    await runQuietly(`Fetching ${name}`, 'apt-get', ['download', '-qq', name], { cwd: scratch });
    const [archive] = await readdir(scratch);
    const unpacked = path.join(scratch, 'unpacked');
    await runQuietly(`Unpacking ${name}`, 'dpkg-deb', ['-x', path.join(scratch, archive), unpacked]);
    await rm(home, { recursive: true, force: true });
    await rename(unpacked, home);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new SetupError(
      `${name} is needed by the end-to-end tests, and could not be had from the packages of this machine: ${error.message}\nInstall it so that it is on PATH.`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return path.join(home, file);
}
