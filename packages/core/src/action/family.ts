import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errors.ts';

/** How long processes may take to end after SIGTERM. The runner kills a cancelled step after 7.5 s. */
export const GRACE_MS = 4_000;
/** How long to go on with SIGKILL; a process that waits for a disk dies when the disk answers. */
const KILL_MS = 1_000;
const POLL_MS = 50;

/** A command with all that it started. */
export interface Family {
  /** Process id of the command, which leads a process group. */
  readonly leader: number;
  /** Name of a variable that nothing but this command and what it starts has in its environment. */
  readonly mark?: string | undefined;
}

/** A name for `mark` that nobody else has. */
export function newMark(): string {
  return `SLUICE_COMMAND_${randomBytes(8).toString('hex')}`;
}

/**
 * Ends a command and what it started: SIGTERM to its process group and, on Linux, to marked processes that left the group;
 * SIGKILL to what is left after the grace period. A process that left the group and cleared its environment stays.
 */
export async function endFamily(family: Family): Promise<void> {
  if (process.platform === 'win32') return endTree(family.leader);
  const deadline = performance.now() + GRACE_MS;
  let alive = await signal(family, 'SIGTERM');
  while (alive && performance.now() < deadline) {
    await sleep(POLL_MS);
    alive = await signal(family, 0);
  }
  // Again and again: one that dies may have started another meanwhile.
  while (alive && performance.now() < deadline + KILL_MS) {
    alive = await signal(family, 'SIGKILL');
    if (alive) await sleep(POLL_MS);
  }
}

/** Windows has no groups; the tree is known for as long as the command runs. */
export function endTree(leader: number): Promise<void> {
  return new Promise((resolve) => {
    // A command that has ended already is not found, which is the wish.
    execFile('taskkill', ['/T', '/F', '/PID', String(leader)], () => resolve());
  });
}

/** Returns whether anybody was there to get the signal. */
async function signal(family: Family, name: NodeJS.Signals | 0): Promise<boolean> {
  if (process.platform !== 'linux') return send(-family.leader, name);
  const found = await members(family);
  for (const pid of found) send(pid, name);
  return found.length > 0;
}

function send(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, name);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

async function members(family: Family): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const belonging = await Promise.all(pids.map((pid) => belongs(pid, family)));
  return pids.filter((_, index) => belonging[index]).map(Number);
}

/** A process that ended while it was looked at, or of another user, is none of ours. */
const NOT_OURS = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

async function belongs(pid: string, { leader, mark }: Family): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name of the program, in brackets, may hold anything.
    const [state = '', , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if ('ZX'.includes(state)) return false;
    if (Number(group) === leader) return true;
    return mark !== undefined && (await readFile(`/proc/${pid}/environ`)).includes(`${mark}=`);
  } catch (error) {
    if (NOT_OURS.has(errorCode(error) ?? '')) return false;
    throw error;
  }
}
