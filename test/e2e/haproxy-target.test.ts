import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { digestModel } from '@sluice/core/digest/model.ts';
import { DriftedError, type ServingTarget, type Traffic } from '@sluice/core/serving/target.ts';
import type { HaproxyConfig } from '@sluice/core/serving/targets/haproxy/schema.ts';
import { readTarget } from '@sluice/core/serving/targets/index.ts';
import { ROOT } from '@sluice/testing/action.ts';
import {
  HAPROXY,
  startHaproxy,
  type HaproxyOptions,
  type RunningHaproxy,
} from '@sluice/testing/haproxy/haproxy.ts';
import { startLoad } from '@sluice/testing/load.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { writeTestModel } from '@sluice/testing/model-server.ts';
import { startProduction } from '@sluice/testing/production.ts';
import { PLAIN_JSON } from '@sluice/testing/serving.ts';
import { predictZeroAt, testRelease } from '../contract/serving-target.ts';

/* What is HAProxy's own; that the target is one of Sluice's is in serving-targets.test.ts. */

const signal = new AbortController().signal;
const order = { fence: { number: 1, owner: 'a' } };
const all = (version: string): Traffic => ({ shares: [{ version, weight: 100 }] });
const split = (percent: number): Traffic => ({
  shares: [
    { version: 'v1.0.0', weight: 100 - percent },
    { version: 'v2.0.0', weight: percent },
  ],
});

let scratch = '';
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-haproxy-'));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
});

async function start(options?: HaproxyOptions): Promise<RunningHaproxy> {
  const haproxy = await startHaproxy(scratch, options);
  ends.push(() => haproxy.stop());
  return haproxy;
}

function open(config: HaproxyConfig, timeoutMs = 30_000): Promise<ServingTarget> {
  const section = { value: config, name: 'target', folder: scratch };
  const configured = readTarget(section, { env: process.env, timeoutMs, protocol: PLAIN_JSON });
  return configured.open({
    model: 'flight-delay',
    environment: 'production',
    env: process.env,
    log: { ...silentLog, raw: new PassThrough().resume() },
  });
}

const release = (version: string, bias: number) => testRelease(scratch, version, bias);

/** v1.0.0 is live and v2.0.0 waits in the other server. */
async function twoVersions({ config }: Pick<RunningHaproxy, 'config'>): Promise<ServingTarget> {
  const target = await open(config);
  await target.stage(await release('v1.0.0', 1), signal);
  await target.shift(all('v1.0.0'), order, signal);
  await target.stage(await release('v2.0.0', 2), signal);
  return target;
}

async function answers(url: string, count: number): Promise<Set<number | undefined>> {
  const found = new Set<number | undefined>();
  for (let i = 0; i < count; i++) found.add(await predictZeroAt(url));
  return found;
}

describe('what is wrong with a set-up is said with the line that mends it', () => {
  const refusal = (target: ServingTarget) =>
    release('v1.0.0', 1)
      .then((one) => target.stage(one, signal))
      .then(
        () => 'staged',
        (error: unknown) => (error as Error).message,
      );

  test('names that haproxy.cfg does not have', async () => {
    const { config } = await start();
    const other = await open({ ...config, backend: 'model' });
    expect(await refusal(other)).toContain(`has no backend 'model'`);
    const server = await open({ ...config, servers: { stable: 's1', canary: 's3' } });
    expect(await refusal(server)).toContain(`has no server 's3'; it has s1, s2.`);
    const map = await open({ ...config, route: { header: 'x-variant', map: '/no.map' } });
    expect(await refusal(map)).toContain('does not say what is in the map /no.map');
    expect(await refusal(await open(config))).toBe('staged');
  });

  test.each([
    ['level admin', 'level operator', "Write 'level admin' behind its 'stats socket'"],
    ['rise 1 fall 2 weight 0', 'rise 1 fall 2 weight 7', "Write 'weight 0' on its line"],
    ['weight 100', 'weight 0', "Write 'weight 100' on its line"],
    ['balance roundrobin', 'balance leastconn', "Write 'balance roundrobin'"],
    ['balance roundrobin', 'balance roundrobin\n  cookie SRV insert', "Take the line 'cookie SRV …' out"],
  ])('%s, and not %s', async (right, wrong, message) => {
    const haproxy = await start();
    await haproxy.configure(right, wrong);
    const target = await open(haproxy.config);
    const attempt = async (): Promise<string> => {
      const said = await refusal(target);
      if (said !== 'staged') return said;
      return target.shift(all('v1.0.0'), order, signal).then(
        () => 'served',
        (error: unknown) => (error as Error).message,
      );
    };
    expect(await attempt()).toContain(message);
    await haproxy.configure(wrong, right);
    expect(await attempt()).toBe('served');
    expect(await predictZeroAt(haproxy.url)).toBe(1);
  });
});

test('the runtime API may be an address', async () => {
  const haproxy = await start({ socket: 'tcp' });
  const target = await twoVersions(haproxy);
  await target.shift(split(50), order, signal);
  expect(await answers(haproxy.url, 20)).toEqual(new Set([1, 2]));
});

describe('a reload', () => {
  test('changes no weight, of a candidate in either server and of the one that has taken over', async () => {
    const haproxy = await start();
    const target = await twoVersions(haproxy);
    const traffic = [split(10), all('v2.0.0'), split(90), all('v1.0.0')];
    for (const shares of traffic) {
      await target.shift(shares, order, signal);
      const before = await target.live(signal);
      await haproxy.reload();
      expect(await target.live(signal)).toMatchObject({
        intended: before.intended,
        generation: before.generation,
      });
    }
    expect(await answers(haproxy.url, 50)).toEqual(new Set([1]));
    const { generation } = await target.live(signal);
    await target.shift(split(50), { ...order, generation }, signal);
  });

  test('that has not read the weights is named, and nothing is moved on top of it', async () => {
    const haproxy = await start({ forgetsState: true });
    const target = await twoVersions(haproxy);
    await target.shift(split(10), order, signal);
    const { generation } = await target.live(signal);
    await haproxy.reload();
    const found = await target.live(signal);
    const next = target.shift(split(50), { ...order, generation }, signal);
    await expect(next).rejects.toThrow(DriftedError);
    await expect(next).rejects.toThrow(/These are the weights of haproxy\.cfg.*has not read .*models\.state/);
    expect(await target.live(signal)).toEqual({ ...found, answer: expect.anything() as unknown });
  });

  test('with nobody who could keep the weights is not risked', async () => {
    const haproxy = await start();
    const nowhere = path.join(scratch, 'nowhere', 'models.state');
    const target = await open({ ...haproxy.config, 'state-file': nowhere });
    await target.stage(await release('v1.0.0', 1), signal);
    await expect(target.shift(all('v1.0.0'), order, signal)).rejects.toMatchObject({
      reasonCode: 'no-permission',
      message: expect.stringContaining(`${nowhere} cannot be written`) as unknown,
    });
    expect((await target.live(signal)).intended).toEqual([]);
    await mkdir(path.dirname(nowhere));
    await target.shift(all('v1.0.0'), order, signal);
    expect(await answers(haproxy.url, 5)).toEqual(new Set([1]));
  });
});

test('a server that is not ready gets no traffic, and what served goes on', async () => {
  const haproxy = await start();
  const patient = await twoVersions(haproxy);
  const broken = await release('v3.0.0', 3);
  const folder = await writeTestModel(path.join(scratch, 'broken'), { bias: 3, faults: { ready: false } });
  const { sha256: modelDigest } = await digestModel(folder);
  const fetch = (to: string) => cp(folder, path.join(to, 'model'), { recursive: true });
  await patient.stage({ ...broken, modelDigest, fetch }, signal);
  const target = await open(haproxy.config, 1_000);
  await expect(target.shift(all('v3.0.0'), order, signal)).rejects.toMatchObject({
    reasonCode: 'verification-failed',
    message: expect.stringContaining("s1 answers with v3.0.0, but HAProxy's check of it fails") as unknown,
  });
  expect(await answers(haproxy.url, 20)).toEqual(new Set([1]));
});

test('a command that cannot start a version leaves what served', async () => {
  const haproxy = await start();
  await twoVersions(haproxy);
  const target = await open({ ...haproxy.config, start: 'false {slot}' });
  await expect(target.stage(await release('v3.0.0', 3), signal)).rejects.toMatchObject({
    reasonCode: 'verification-failed',
    message: expect.stringContaining('The command of target.start ended with exit code 1') as unknown,
  });
  expect(await answers(haproxy.url, 20)).toEqual(new Set([1]));
});

describe('a connection to the runtime API that breaks', () => {
  /** Before HAProxy, at its address: breaks the connection of the next line with `set`, before or after it was obeyed. */
  async function breaking(socket: string, when: () => 'before' | 'after' | 'never'): Promise<string> {
    const [host = '', port = ''] = socket.split(':');
    const relay: Server = createServer((near) => {
      near.on('error', () => undefined);
      near.once('data', (line) => {
        const how = line.toString('utf8').includes('set weight') ? when() : 'never';
        if (how === 'before') return near.destroy();
        const far = connect({ host, port: Number(port) });
        far.write(line);
        return how === 'never' ? far.pipe(near) : far.resume().once('end', () => near.destroy());
      });
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => void relay.close(() => resolve())));
    return `127.0.0.1:${(relay.address() as AddressInfo).port}`;
  }

  test.each([
    ['before', 'v1.0.0'],
    ['after', 'v2.0.0'],
  ] as const)('%s HAProxy obeyed leaves %s live, which can be read', async (when, version) => {
    const haproxy = await start({ socket: 'tcp' });
    let now: 'before' | 'after' | 'never' = 'never';
    const socket = await breaking(haproxy.config.socket, () => now);
    const target = await twoVersions({ config: { ...haproxy.config, socket } });
    now = when;
    const outcome = await target.shift(all('v2.0.0'), order, signal).then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    );
    expect(outcome).toContain('ended the connection without an answer');
    now = 'never';
    expect((await target.live(signal)).intended).toEqual(all(version).shares);
    await target.shift(all('v1.0.0'), order, signal);
    expect(await answers(haproxy.url, 20)).toEqual(new Set([1]));
  });
});

test('a header that haproxy.cfg does not look up is named', async () => {
  const haproxy = await start();
  const target = await twoVersions(haproxy);
  const route = { header: 'x-variant', value: 'b', version: 'v2.0.0' };
  await haproxy.configure('use-server s1', '# s1');
  const shift = () => target.shift({ ...all('v1.0.0'), route }, order, signal);
  await expect(shift()).rejects.toMatchObject({
    reasonCode: 'bad-config',
    message: expect.stringContaining("'x-variant: b' gets v1.0.0, and is to get v2.0.0") as unknown,
  });
  await haproxy.configure('# s1', 'use-server s1');
  await shift();
  expect(await predictZeroAt(haproxy.url, { 'x-variant': 'b' })).toBe(2);
});

test('haproxy.cfg as documented is one', async () => {
  const page = await readFile(path.join(ROOT, 'docs/targets.md'), 'utf8');
  const [, whole = '', map = ''] =
    /```\n(global\n[\s\S]*?)```[\s\S]*?```\nbackend models\n([\s\S]*?)```/.exec(page) ?? [];
  const file = path.join(scratch, 'haproxy.cfg');
  await writeFile(path.join(scratch, 'variants.map'), '');
  await writeFile(file, `${whole.replace(' group runner', '')}${map.replaceAll('/etc/haproxy', scratch)}`);
  await promisify(execFile)(HAPROXY, ['-c', '-f', file]);
  expect(map.split('\n').filter((line) => line.includes('use-server'))).toHaveLength(2);
});

test('no request fails while weights move, a version is promoted, the next one starts and all is rolled back', async () => {
  const haproxy = await start();
  const target = await twoVersions(haproxy);
  const load = startLoad(haproxy.url, 16);
  ends.push(async () => void (await load.stop()));
  const more = (): Promise<void> => load.reached(load.now().sent + 200);
  for (const percent of [5, 25, 50, 75]) {
    await more();
    await target.shift(split(percent), order, signal);
  }
  await more();
  await target.shift(all('v2.0.0'), order, signal);
  const promoted = load.now();
  await more();
  await target.stage(await release('v3.0.0', 3), signal);
  await target.shift(all('v3.0.0'), order, signal);
  await more();
  await target.shift(all('v2.0.0'), order, signal);
  await more();
  const { sent, failed, versions } = await load.stop();
  expect(failed).toEqual({});
  expect(Object.keys(versions).sort()).toEqual(['v1.0.0', 'v2.0.0', 'v3.0.0']);
  expect(sent).toBeGreaterThan(1_600);
  // What was under way at that moment may still have been answered by it.
  expect((versions['v1.0.0'] ?? 0) - (promoted.versions['v1.0.0'] ?? 0)).toBeLessThanOrEqual(16);
});

test('deploy and rollback, as built, serve a version from the free server and go back to the other', async () => {
  const haproxy = await start();
  const production = await startProduction();
  ends.push(() => production.remove());
  await production.configure({ target: JSON.stringify(haproxy.config) });
  const canary = '{canary: {steps: [{weight: 10}, {weight: 50}, {weight: 100}]}}';
  for (const [version, bias, strategy] of [
    ['v1.0.0', 1, 'direct'],
    ['v2.0.0', 2, canary],
  ] as const) {
    await production.register({ bias });
    const step = await production.run('deploy', { version, strategy });
    expect(step.result).toMatchObject({ decision: 'pass', 'reason-code': 'ok' });
    expect(await answers(haproxy.url, 20)).toEqual(new Set([bias]));
  }
  const rollback = await production.run('rollback', { reason: 'a test' });
  expect(rollback.result).toMatchObject({ decision: 'pass', 'reason-code': 'ok' });
  expect(await answers(haproxy.url, 20)).toEqual(new Set([1]));
  expect(await production.ledgerLive()).toBe('v1.0.0');
});
