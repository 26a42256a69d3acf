import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { HaproxyConfig } from '@sluice/core/serving/targets/haproxy/schema.ts';
import { ROOT } from '../action.ts';
import { KEEPER, freePort } from '../mlflow/server.ts';

/** The program that `npm run test:e2e` installs. */
export const HAPROXY = path.join(ROOT, '.cache/e2e/bin/haproxy');

const START = path.join(ROOT, 'packages/testing/haproxy/start-slot.mjs');

/** A real HAProxy before two model servers, as docs/targets.md sets them up. */
export interface RunningHaproxy {
  /** Base URL of its frontend. */
  readonly url: string;
  /** The section of sluice.yaml. */
  readonly config: HaproxyConfig;
  /** Says a line to the runtime API and returns the answer. */
  say(line: string): Promise<string>;
  /** As `systemctl reload haproxy` does it; resolves when the old worker is gone. */
  reload(): Promise<void>;
  /** Replaces text of haproxy.cfg and reloads. */
  configure(from: string, to: string): Promise<void>;
  stop(): Promise<void>;
}

/** What a test does otherwise than the documentation. */
export interface HaproxyOptions {
  /** haproxy.cfg lacks the lines that make a reload read the weights. */
  readonly forgetsState?: true;
  readonly socket?: 'unix' | 'tcp';
}

/** Starts it with two servers that run nothing yet; everything is in `folder`. */
export async function startHaproxy(folder: string, options: HaproxyOptions = {}): Promise<RunningHaproxy> {
  const root = path.join(folder, 'target');
  const [front = 0, s1 = 0, s2 = 0, runtime = 0] = await Promise.all(Array.from({ length: 4 }, freePort));
  const ports = { s1, s2 };
  const file = (name: string): string => path.join(folder, name);
  for (const [name, port] of Object.entries(ports)) {
    const slot = path.join(root, 'slots', name);
    await mkdir(slot, { recursive: true });
    await writeFile(file(`${name}.port`), String(port));
    await promisify(execFile)(process.execPath, [START, slot, file(`${name}.port`)]);
  }
  const socket = options.socket === 'tcp' ? `127.0.0.1:${runtime}` : file('haproxy.sock');
  await writeFile(file('variants.map'), '');
  await writeFile(
    file('haproxy.cfg'),
    configuration({ folder, socket, front, ports, reads: options.forgetsState !== true }),
  );
  const child = spawn(
    process.execPath,
    [KEEPER, HAPROXY, '-W', '-S', file('master.sock'), '-f', file('haproxy.cfg')],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const say = (line: string): Promise<string> => sayTo(socket, line);
  const url = `http://127.0.0.1:${front}`;
  await until(async () => (await say('show info').catch(() => '')).includes('Pid: '));

  const workers = async (): Promise<string[]> =>
    workersIn(await sayTo(file('master.sock'), 'show proc').catch(() => ''));

  async function reload(): Promise<void> {
    let before: string | undefined;
    await until(async () => ([before] = await workers()).length === 1);
    await sayTo(file('master.sock'), 'reload').catch(() => '');
    // While the old worker is there, it may be the one that answers.
    await until(async () => {
      const [now, ...others] = await workers();
      return now !== undefined && now !== before && others.length === 0;
    });
  }

  return {
    url,
    say,
    reload,
    async configure(from, to) {
      const text = await readFile(file('haproxy.cfg'), 'utf8');
      if (!text.includes(from)) throw new Error(`haproxy.cfg does not have ${from}`);
      await writeFile(file('haproxy.cfg'), text.replace(from, to));
      await reload();
    },
    config: {
      type: 'haproxy',
      socket,
      backend: 'models',
      servers: { stable: 's1', canary: 's2' },
      path: root,
      start: `${process.execPath} ${START} ${root}/slots/{slot} ${folder}/{slot}.port`,
      'state-file': file('models.state'),
      url,
      route: { header: 'x-variant', map: file('variants.map') },
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      for (const name of Object.keys(ports)) {
        const pid = Number(await readFile(path.join(root, 'slots', name, 'server.pid'), 'utf8'));
        process.kill(pid, 'SIGKILL');
      }
    },
  };
}

interface Parts {
  readonly folder: string;
  readonly socket: string;
  readonly front: number;
  readonly ports: { readonly s1: number; readonly s2: number };
  /** Whether it reads the weights when it is reloaded. */
  readonly reads: boolean;
}

/** The lines of docs/targets.md, with addresses and quick checks of its own. */
function configuration({ folder, socket, front, ports, reads }: Parts): string {
  const state = '  load-server-state-from-file local\n  server-state-file-name models.state\n';
  return `global
  stats socket ${socket} level admin expose-fd listeners
  server-state-base ${folder}
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option redispatch
  retry-on conn-failure empty-response
frontend people
  bind 127.0.0.1:${front}
  default_backend models
backend models
  balance roundrobin
  option httpchk GET /ready
${reads ? state : ''}  use-server s1 if { req.hdr(x-variant),map(${folder}/variants.map) -m str s1 }
  use-server s2 if { req.hdr(x-variant),map(${folder}/variants.map) -m str s2 }
  server s1 127.0.0.1:${ports.s1} check inter 100ms rise 1 fall 2 weight 100
  server s2 127.0.0.1:${ports.s2} check inter 100ms rise 1 fall 2 weight 0
`;
}

async function sayTo(socket: string, line: string): Promise<string> {
  const [host = '', port = ''] = socket.split(':');
  const client = createConnection(socket.startsWith('/') ? { path: socket } : { host, port: Number(port) });
  client.end(`${line}\n`);
  const chunks: Buffer[] = [];
  for await (const chunk of client as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8').trim();
}

/** The process ids of all workers, those that are about to end as well. */
function workersIn(processes: string): string[] {
  return [...processes.matchAll(/^(\d+)\s+worker\s/gm)].map(([, pid = '']) => pid);
}

const PATIENCE_MS = 60_000;

async function until(met: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await met())) {
    if (performance.now() > deadline) throw new Error('HAProxy did not come up');
    await sleep(20);
  }
}
