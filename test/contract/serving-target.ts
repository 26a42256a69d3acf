/* eslint-disable jest/no-export -- a suite that the test file of every target runs */
import { describe, expect, test } from '@jest/globals';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { PassThrough } from 'node:stream';
import { poll } from '@sluice/core/action/retry.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import {
  DriftedError,
  FencedError,
  servedVersion,
  type Order,
  type Release,
  type ServingTarget,
  type Share,
  type Traffic,
} from '@sluice/core/serving/target.ts';
import { readTarget } from '@sluice/core/serving/targets/index.ts';
import type { ConfiguredTarget } from '@sluice/core/serving/targets/kind.ts';
import type { TargetConfig } from '@sluice/core/serving/targets/schema.ts';
import { PLAIN_JSON } from '@sluice/testing/serving.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { writeTestModel } from '@sluice/testing/model-server.ts';

/** Something of its own to serve from, for one test. */
export interface TargetHarness {
  /** The target's section in sluice.yaml. */
  readonly config: TargetConfig;
  /** What the served model answers for x = 0, through the front door; undefined when nothing is served. */
  predictZero(headers?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** Changes how the target is set up, as somebody would who knows nothing of Sluice; for those that name their generation. */
  interfere?(): Promise<void>;
  close(): Promise<void>;
}

/** What `test/contract/targets/<type>.ts` exports: the ways to set the target up that are to be tested, by name. */
export type TargetHarnesses = Readonly<Record<string, (scratch: string) => Promise<TargetHarness>>>;

/** What a server answers for x = 0, with these headers; undefined when it serves nothing. */
export async function predictZeroAt(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const response = await fetch(`${url}/predict`, { method: 'POST', headers, body: '{"x": 0}' });
  const text = await response.text();
  return response.ok ? (JSON.parse(text) as { prediction: number }).prediction : undefined;
}

/** The harness of a type, and the layer of tests that has what it needs. */
export async function harnessesOf(
  type: string,
): Promise<{ readonly layer: 'contract' | 'e2e'; readonly harnesses: TargetHarnesses }> {
  const { layer = 'contract', harnesses } = (await import(`./targets/${type}.ts`)) as {
    readonly layer?: 'contract' | 'e2e';
    readonly harnesses: TargetHarnesses;
  };
  return { layer, harnesses };
}

interface TargetUnderTest extends TargetHarness {
  readonly configured: ConfiguredTarget;
  readonly target: ServingTarget;
  /** A release whose model answers x + bias. */
  release(version: string, bias: number): Promise<Release>;
}

/** A release whose model answers x + bias, in a folder of its own in `scratch`. */
export async function testRelease(scratch: string, version: string, bias: number): Promise<Release> {
  const folder = await writeTestModel(await mkdtemp(path.join(scratch, 'model-')), { bias });
  return {
    model: 'flight-delay',
    version,
    modelDigest: (await digestModel(folder)).sha256,
    fetch: (destination) => cp(folder, path.join(destination, 'model'), { recursive: true }),
  };
}

const signal = new AbortController().signal;
const all = (version: string): Traffic => ({ shares: [{ version, weight: 100 }] });
const order: Order = { fence: { number: 1, owner: 'a' } };

const byVersion = (a: Share, b: Share): number => a.version.localeCompare(b.version);

/** Enough for 10 % of them to tell from none and from all. */
const REQUESTS = 400;

/** What so many requests get, one after the other. */
async function predictions(
  t: TargetHarness,
  count: number,
  headers?: Readonly<Record<string, string>>,
): Promise<(number | undefined)[]> {
  const answers = [];
  for (let i = 0; i < count; i++) answers.push(await t.predictZero(headers));
  return answers;
}

/** What every serving target has to do; run it with a way to make a fresh target. */
export function describeServingTarget(name: string, fresh: TargetHarnesses[string]): void {
  const withTarget = (body: (t: TargetUnderTest) => Promise<void>) => async () => {
    const scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-target-'));
    const harness = await fresh(scratch);
    try {
      const section = { value: harness.config, name: 'target', folder: scratch };
      const configured = readTarget(section, {
        env: process.env,
        timeoutMs: 30_000,
        protocol: PLAIN_JSON,
      });
      const target = await configured.open({
        model: 'flight-delay',
        environment: 'production',
        env: process.env,
        log: { ...silentLog, raw: new PassThrough().resume() },
      });
      const release = (version: string, bias: number) => testRelease(scratch, version, bias);
      await body({ ...harness, configured, target, release });
    } finally {
      await harness.close();
      await rm(scratch, { recursive: true, force: true });
    }
  };
  const served = async (t: TargetUnderTest, version: string | undefined): Promise<void> => {
    for (let i = 0; i < 1000 && servedVersion(await t.target.live(signal)) !== version; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(servedVersion(await t.target.live(signal))).toBe(version);
  };

  describe(`${name} as a serving target`, () => {
    test(
      'names itself in its own words',
      withTarget(async ({ target: { words } }) => {
        expect(words.says('v1.0.0')).toMatch(/^[a-z].* v1\.0\.0$/);
        expect(words.onlyRead).toMatch(/^[a-z].*[^.]$/);
        for (const sentence of [words.staging({ version: 'v1.0.0', modelDigest: 'ab' }), words.switching])
          expect(sentence).toMatch(/^[A-Z].*\.$/);
      }),
    );

    test(
      'serves nothing at first',
      withTarget(async (t) => {
        const state = await t.target.live(signal);
        expect(state.intended).toEqual([]);
        expect(servedVersion(state)).toBeUndefined();
        expect(await t.target.holds('v1.0.0', 'ab')).toBe(false);
      }),
    );

    test(
      'staging gives a release no traffic',
      withTarget(async (t) => {
        const release = await t.release('v1.0.0', 1);
        expect((await t.target.stage(release, signal)).reused).toBe(false);
        expect(servedVersion(await t.target.live(signal))).toBeUndefined();
        expect(await t.target.holds('v1.0.0', release.modelDigest)).toBe(true);
      }),
    );

    test(
      'staging again reuses right bytes',
      withTarget(async (t) => {
        const release = await t.release('v1.0.0', 1);
        await t.target.stage(release, signal);
        expect((await t.target.stage(release, signal)).reused).toBe(true);
      }),
    );

    test(
      'shifting serves the version, there and back and to nothing',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.stage(await t.release('v2.0.0', 2), signal);
        await t.target.shift(all('v1.0.0'), order, signal);
        await served(t, 'v1.0.0');
        expect(await t.predictZero()).toBe(1);
        await t.target.shift(all('v2.0.0'), order, signal);
        await served(t, 'v2.0.0');
        expect(await t.predictZero()).toBe(2);
        await t.target.shift(all('v1.0.0'), order, signal);
        await served(t, 'v1.0.0');
        expect(await t.predictZero()).toBe(1);
        await t.target.shift({ shares: [] }, order, signal);
        await served(t, undefined);
        expect(await t.predictZero()).toBeUndefined();
      }),
    );

    test(
      'shifting to a version that was not staged fails and leaves what was served',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.shift(all('v1.0.0'), order, signal);
        await expect(t.target.shift(all('v7.0.0'), order, signal)).rejects.toThrow(/v7\.0\.0/);
        await served(t, 'v1.0.0');
      }),
    );

    test(
      'splitting traffic works or is refused, as the capability says',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.shift(all('v1.0.0'), order, signal);
        await t.target.stage(await t.release('v2.0.0', 2), signal);
        const split = t.target.shift(
          {
            shares: [
              { version: 'v1.0.0', weight: 90 },
              { version: 'v2.0.0', weight: 10 },
            ],
          },
          order,
          signal,
        );
        const outcome = await split.then(
          () => 'done',
          () => 'refused',
        );
        expect(outcome).toBe(t.configured.can.has('split') ? 'done' : 'refused');
      }),
    );

    test(
      'shares are shares of the requests, and no share is none',
      withTarget(async (t) => {
        if (!t.configured.can.has('split')) return;
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.shift(all('v1.0.0'), order, signal);
        await t.target.stage(await t.release('v2.0.0', 2), signal);
        for (const percent of [0, 10, 50, 100, 30, 0]) {
          const shares = [
            { version: 'v1.0.0', weight: 100 - percent },
            { version: 'v2.0.0', weight: percent },
          ].filter(({ weight }) => weight > 0);
          await t.target.shift({ shares }, order, signal);
          const { intended } = await t.target.live(signal);
          expect([...intended].sort(byVersion)).toEqual(shares);
          expect(intended[0]?.weight).toBeGreaterThanOrEqual(50);
          const answers = await predictions(t, REQUESTS);
          expect(answers.filter((answer) => answer !== 1 && answer !== 2)).toEqual([]);
          const candidate = answers.filter((answer) => answer === 2).length;
          const sigma = Math.sqrt(REQUESTS * (percent / 100) * (1 - percent / 100));
          // Without variance none may miss; elsewhere a target may draw lots.
          expect(Math.abs(candidate - (REQUESTS * percent) / 100)).toBeLessThanOrEqual(6 * sigma);
        }
      }),
    );

    test(
      'a staged version answers by itself before it has traffic, where the target can be asked for it',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.shift(all('v1.0.0'), order, signal);
        await served(t, 'v1.0.0');
        await t.target.stage(await t.release('v2.0.0', 2), signal);
        const endpoint = await t.target.endpoint('v2.0.0');
        expect(endpoint !== undefined).toBe(t.configured.can.has('probe'));
        expect(await t.target.endpoint('v7.0.0')).toBeUndefined();
        if (endpoint === undefined) return;
        const { met } = await poll(
          { timeoutMs: 50_000, pauseMs: 50 },
          signal,
          () => endpoint.notReady(signal),
          (found) => found === undefined,
        );
        expect(met).toBe(true);
        expect(await endpoint.version(signal)).toMatchObject({ version: 'v2.0.0' });
        const answer = await endpoint.predict({ x: 0 }, signal);
        expect(answer.kind === 'answered' ? JSON.parse(answer.body) : answer).toMatchObject({
          prediction: 2,
        });
        expect(new Set(await predictions(t, 50))).toEqual(new Set([1]));
      }),
    );

    test(
      'requests with a header go to a version and no others do, where the target can tell them apart',
      withTarget(async (t) => {
        if (!t.configured.can.has('header-route')) return;
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.shift(all('v1.0.0'), order, signal);
        await t.target.stage(await t.release('v2.0.0', 2), signal);
        const route = { header: 'x-variant', value: 'b', version: 'v2.0.0' };
        await t.target.shift({ ...all('v1.0.0'), route }, order, signal);
        const withHeader = (value: string) => predictions(t, 50, { 'x-variant': value });
        expect(new Set(await withHeader('b'))).toEqual(new Set([2]));
        expect(new Set(await withHeader('bb'))).toEqual(new Set([1]));
        expect(new Set(await predictions(t, 50))).toEqual(new Set([1]));
        expect((await t.target.live(signal)).intended).toEqual(all('v1.0.0').shares);
        await t.target.shift(all('v1.0.0'), order, signal);
        expect(new Set(await withHeader('b'))).toEqual(new Set([1]));
      }),
    );

    test(
      'what somebody else has changed meanwhile is not changed on top of that, where the target can tell',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.shift(all('v1.0.0'), order, signal);
        const { generation } = await t.target.live(signal);
        expect(t.interfere !== undefined).toBe(generation !== undefined);
        if (t.interfere === undefined || generation === undefined) return;
        await t.target.stage(await t.release('v2.0.0', 2), signal);
        expect((await t.target.live(signal)).generation).toBe(generation);
        await t.interfere();
        const changed = await t.target.live(signal);
        expect(changed.generation).not.toBe(generation);
        const shift = t.target.shift(all('v2.0.0'), { ...order, generation }, signal);
        await expect(shift).rejects.toThrow(DriftedError);
        expect(await t.target.live(signal)).toMatchObject({
          intended: changed.intended,
          generation: changed.generation,
        });
        await t.target.shift(all('v2.0.0'), { ...order, generation: changed.generation }, signal);
        await served(t, 'v2.0.0');
      }),
    );

    test(
      'a run that others came after moves nothing',
      withTarget(async (t) => {
        const asleep = { number: 3, owner: 'asleep' };
        const next = { number: 4, owner: 'next' };
        await t.target.stage(await t.release('v1.0.0', 1), signal);
        await t.target.raise(asleep);
        await t.target.raise(asleep);
        expect(await t.target.fence()).toBe(3);
        await t.target.shift(all('v1.0.0'), { fence: asleep }, signal);
        await t.target.raise(next);
        expect(await t.target.fence()).toBe(4);
        for (const late of [asleep, { number: 4, owner: 'another' }]) {
          await expect(t.target.shift({ shares: [] }, { fence: late }, signal)).rejects.toThrow(FencedError);
          await expect(t.target.raise(late)).rejects.toThrow(FencedError);
        }
        await served(t, 'v1.0.0');
      }),
    );

    test(
      'retiring spares what is live and what is to be kept',
      withTarget(async (t) => {
        const versions = ['v1.0.0', 'v2.0.0', 'v3.0.0', 'v4.0.0', 'v5.0.0'];
        const releases = [];
        for (const [bias, version] of versions.entries()) releases.push(await t.release(version, bias));
        for (const release of releases) await t.target.stage(release, signal);
        await t.target.shift(all('v2.0.0'), order, signal);
        const removed = await t.target.retire(['v1.0.0']);
        expect(removed).not.toContain('v1.0.0');
        expect(removed).not.toContain('v2.0.0');
        for (const release of releases) {
          expect(await t.target.holds(release.version, release.modelDigest)).toBe(
            !removed.includes(release.version),
          );
        }
      }),
    );
  });
}
