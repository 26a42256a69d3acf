import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';
import { linkProgram, runs } from './program.mjs';

/** Makes `<folder>/bin/nginx`: the one of this machine, else the one of its packages, which are unpacked and not installed. */
export async function installNginx(root, tell, folder) {
  const home = path.join(root, folder);
  await linkProgram(home, 'nginx', [() => unpacked(tell, path.join(home, 'nginx'))]);
}

/** What nginx of Debian and Ubuntu needs besides is part of every installation of them. */
async function unpacked(tell, folder) {
  tell('Fetching nginx with apt-get');
  await mkdir(folder, { recursive: true });
  const program = path.join(folder, 'usr', 'sbin', 'nginx');
  try {
    if (process.getuid?.() === 0) await runQuietly('Fetching nginx', 'apt-get', ['update', '-qq']);
    await runQuietly('Fetching nginx', 'apt-get', ['download', '-qq', 'nginx'], { cwd: folder });
    await runQuietly('Unpacking nginx', 'bash', ['-c', 'dpkg-deb -x nginx_*.deb .'], { cwd: folder });
    if (await runs(program)) return program;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    tell(error.message.split('\n')[0]);
  }
  return undefined;
}
