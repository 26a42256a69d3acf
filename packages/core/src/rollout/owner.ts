import { readFile, readlink } from 'node:fs/promises';
import type { Journal, Owner } from './journal.ts';

type Process = NonNullable<Owner['process']>;

/** This process, by what tells it from all others of the machine; undefined where there is no /proc to say so. */
export async function thisProcess(): Promise<Process | undefined> {
  try {
    const [boot, namespace, started] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
      readlink('/proc/self/ns/pid'),
      startOf(process.pid),
    ]);
    const user = process.getuid?.();
    if (started === undefined || user === undefined) return undefined;
    return { boot: boot.trim(), namespace, user, pid: process.pid, started };
  } catch {
    // Not Linux, or /proc is hidden: liveness is found out by watching then.
    return undefined;
  }
}

/** When a process started, in the kernel's ticks; undefined when it has ended. Throws where /proc cannot be read. */
async function startOf(pid: number): Promise<string | undefined> {
  await readFile('/proc/self/stat');
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in brackets may hold anything, also brackets and blanks.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

/**
 * Whether the owner of a journal is known to be dead without watching: it said that it ended, it is an earlier attempt of this
 * very run, or its process on this machine is gone.
 */
export async function isKnownDead(
  { owner, left }: Journal,
  own: Pick<Owner, 'run' | 'process'>,
): Promise<boolean> {
  if (left === true || isEarlierAttempt(owner.run, own.run)) return true;
  const { process: its } = owner;
  if (its === undefined || own.process === undefined) return false;
  if (its.boot !== own.process.boot || its.namespace !== own.process.namespace) return false;
  // A machine may hide the processes of others.
  if (its.user !== own.process.user) return false;
  return (await startOf(its.pid)) !== its.started;
}

/** Whether a run's URL is that of an earlier attempt of another. */
export function isEarlierAttempt(run: string | undefined, of: string | undefined): boolean {
  const [theirs, ours] = [attemptOf(run), attemptOf(of)];
  return (
    theirs !== undefined && ours !== undefined && theirs.run === ours.run && theirs.attempt < ours.attempt
  );
}

function attemptOf(run: string | undefined): { run: string; attempt: number } | undefined {
  const match = /^(.+)\/attempts\/(\d+)$/.exec(run ?? '');
  return match?.[1] === undefined ? undefined : { run: match[1], attempt: Number(match[2]) };
}
