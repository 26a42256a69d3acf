/*
 * What a team's `start` does, for tests: `node start-slot.mjs <folder> <file with its port>` ends the model server of a slot and starts another, as
 * `systemctl restart` would. The new one is a process of its own and serves what `<folder>/current` points at.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import * as path from 'node:path';

const [folder, portFile] = process.argv.slice(2);
const port = readFileSync(portFile, 'utf8');
const program = fileURLToPath(new URL('../model-server.mjs', import.meta.url));

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}

const pidFile = path.join(folder, 'server.pid');
if (existsSync(pidFile)) {
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (isAlive(pid)) process.kill(pid, 'SIGTERM');
  while (isAlive(pid)) await sleep(10);
}
const child = spawn(process.execPath, [program, folder, port], {
  detached: true,
  stdio: ['ignore', 'pipe', 'ignore'],
});
await once(child.stdout, 'data');
process.exit(0);
