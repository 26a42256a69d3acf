import { mkdir, rm, symlink } from 'node:fs/promises';
import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';

/** Where Debian and Ubuntu put it, which is not on everybody's PATH. */
const CANDIDATES = ['nginx', '/usr/sbin/nginx', '/usr/local/sbin/nginx'];

/** Makes `<folder>/bin/nginx`: the one of this machine, else the one of its packages, which are unpacked and not installed. */
export async function installNginx(root, tell, folder) {
  const link = path.join(root, folder, 'bin', 'nginx');
  if (await runs(link)) return;
  const program = (await onThisMachine()) ?? (await unpacked(tell, path.join(root, folder, 'nginx')));
  await mkdir(path.dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink(program, link);
}

async function onThisMachine() {
  for (const candidate of CANDIDATES) {
    if (!(await runs(candidate))) continue;
    return path.isAbsolute(candidate)
      ? candidate
      : (await runQuietly('Finding nginx', 'which', [candidate])).trim();
  }
  return undefined;
}

async function runs(program) {
  try {
    await runQuietly('Asking nginx for its version', program, ['-v']);
    return true;
  } catch (error) {
    if (error instanceof SetupError) return false;
    throw error;
  }
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
  throw new SetupError(
    'nginx is needed by the end-to-end tests. Install it (apt-get, dnf or brew install nginx).',
  );
}
