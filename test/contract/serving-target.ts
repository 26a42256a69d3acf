/* eslint-disable jest/no-export -- a suite that the test file of every target runs */
import { describe, expect, test } from '@jest/globals';
import { servedVersion, type Release, type ServingTarget } from '@sluice/core/serving/target.ts';

/** A target of its own for one test, with a way to make releases of a test model. */
export interface TargetUnderTest {
  readonly target: ServingTarget;
  /** A release whose model answers x + bias. */
  release(version: string, bias: number): Promise<Release>;
  /** What the served model answers for x = 0; undefined when nothing is served. */
  predictZero(): Promise<number | undefined>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;
const all = (version: string) => [{ version, weight: 100 }];

/** What every serving target has to do; run it with a way to make a fresh target. */
export function describeServingTarget(name: string, fresh: () => Promise<TargetUnderTest>): void {
  const withTarget = (body: (t: TargetUnderTest) => Promise<void>) => async () => {
    const made = await fresh();
    try {
      await body(made);
    } finally {
      await made.close();
    }
  };
  const served = async (t: TargetUnderTest, version: string | undefined): Promise<void> => {
    for (let i = 0; i < 1000 && servedVersion(await t.target.live(signal)) !== version; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(servedVersion(await t.target.live(signal))).toBe(version);
  };

  describe(`${name} as a serving target`, () => {
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
        expect((await t.target.stage(release)).reused).toBe(false);
        expect(servedVersion(await t.target.live(signal))).toBeUndefined();
        expect(await t.target.holds('v1.0.0', release.modelDigest)).toBe(true);
      }),
    );

    test(
      'staging again reuses right bytes',
      withTarget(async (t) => {
        const release = await t.release('v1.0.0', 1);
        await t.target.stage(release);
        expect((await t.target.stage(release)).reused).toBe(true);
      }),
    );

    test(
      'shifting serves the version, there and back and to nothing',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1));
        await t.target.stage(await t.release('v2.0.0', 2));
        await t.target.shift(all('v1.0.0'), signal);
        await served(t, 'v1.0.0');
        expect(await t.predictZero()).toBe(1);
        await t.target.shift(all('v2.0.0'), signal);
        await served(t, 'v2.0.0');
        expect(await t.predictZero()).toBe(2);
        await t.target.shift(all('v1.0.0'), signal);
        await served(t, 'v1.0.0');
        expect(await t.predictZero()).toBe(1);
        await t.target.shift([], signal);
        await served(t, undefined);
        expect(await t.predictZero()).toBeUndefined();
      }),
    );

    test(
      'shifting to a version that was not staged fails and leaves what was served',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1));
        await t.target.shift(all('v1.0.0'), signal);
        await expect(t.target.shift(all('v7.0.0'), signal)).rejects.toThrow(/v7\.0\.0/);
        await served(t, 'v1.0.0');
      }),
    );

    test(
      'splitting traffic works or is refused, as the capability says',
      withTarget(async (t) => {
        await t.target.stage(await t.release('v1.0.0', 1));
        await t.target.stage(await t.release('v2.0.0', 2));
        const split = t.target.shift(
          [
            { version: 'v1.0.0', weight: 90 },
            { version: 'v2.0.0', weight: 10 },
          ],
          signal,
        );
        const outcome = await split.then(
          () => 'done',
          () => 'refused',
        );
        expect(outcome).toBe(t.target.capabilities.split ? 'done' : 'refused');
      }),
    );

    test(
      'retiring spares what is live and what is to be kept',
      withTarget(async (t) => {
        const versions = ['v1.0.0', 'v2.0.0', 'v3.0.0', 'v4.0.0', 'v5.0.0'];
        const releases = [];
        for (const [bias, version] of versions.entries()) releases.push(await t.release(version, bias));
        for (const release of releases) await t.target.stage(release);
        await t.target.shift(all('v2.0.0'), signal);
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
