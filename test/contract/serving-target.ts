/* eslint-disable jest/no-export -- a suite that the test file of every target runs */
import { describe, expect, test } from '@jest/globals';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { PassThrough } from 'node:stream';
import { digestModel } from '@sluice/core/digest/model.ts';
import {
  servedVersion,
  FencedError,
  type Order,
  type Release,
  type ServingTarget,
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
  /** What the served model answers for x = 0; undefined when nothing is served. */
  predictZero(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** What `test/contract/targets/<type>.ts` exports: the ways to set the target up that are to be tested, by name. */
export type TargetHarnesses = Readonly<Record<string, (scratch: string) => Promise<TargetHarness>>>;

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
