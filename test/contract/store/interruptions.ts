/* eslint-disable jest/no-export -- a suite that the test file of every store runs */
import { expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { putInProcess } from '@sluice/testing/store-process.ts';
import {
  Bench,
  digestOf,
  type Direction,
  type MadeModel,
  type StoreKind,
  type StoreUnderTest,
} from './harness.ts';

const NONE = new Map<string, never>();
const LARGE = 3_000_000;
const PATIENCE_MS = 20_000;

/** Ends in the middle: killed, cancelled, cut off. */
export function interruptionTests<T extends StoreUnderTest>(kind: StoreKind<T>): void {
  const withStore = (body: (bench: Bench<T>) => Promise<void>) => () => Bench.with(kind, body);

  /** A model that takes a while. */
  const slowModel = (bench: Bench<T>): Promise<MadeModel> => {
    const files = Array.from({ length: 60 }, (_, i) => [`part-${i}`, randomBytes(40_000)] as const);
    return bench.model({ ...Object.fromEntries(files), large: randomBytes(4 * LARGE) });
  };
  const begun = async (bench: Bench<T>, { at }: MadeModel): Promise<void> => {
    const end = performance.now() + PATIENCE_MS;
    while (!(await bench.store.hasBegun(at))) {
      if (performance.now() > end) throw new Error('the put has not begun');
      await sleep(2);
    }
  };
  const completes = async (bench: Bench<T>, { at, modelPath }: MadeModel): Promise<void> => {
    expect(await bench.open().put(at.model, at.digest, modelPath, NONE)).toMatchObject({ created: true });
    const fetched = await bench.open().fetch(at.model, at.digest, await bench.destination());
    expect(await digestOf(fetched.modelPath)).toBe(at.digest);
  };

  test(
    'a put that is killed leaves nothing that counts, and the next one completes it',
    withStore(async (bench) => {
      let hits = 0;
      for (const delay of [0, 20]) {
        const model = await slowModel(bench);
        const { child, end } = putInProcess(bench.store, { ...model.at, modelPath: model.modelPath });
        await begun(bench, model);
        await sleep(delay);
        child.kill('SIGKILL');
        // Who is killed after the end has put it.
        if ((await end) !== undefined) continue;
        hits += 1;
        expect(await bench.open().has(model.at.model, model.at.digest)).toBe(false);
        await completes(bench, model);
      }
      expect(hits).toBeGreaterThan(0);
    }),
  );

  test(
    'a put that is cancelled ends at once, leaves nothing that counts, and the next one completes it',
    withStore(async (bench) => {
      const model = await slowModel(bench);
      const { at, modelPath } = model;
      const controller = new AbortController();
      const put = bench
        .open(controller.signal)
        .put(at.model, at.digest, modelPath, NONE)
        .then(
          () => 'stored',
          (error: unknown) => error,
        );
      await begun(bench, model);
      controller.abort(new Error('the job was cancelled'));
      const cancelled = performance.now();
      expect(await put).toMatchObject({ message: 'the job was cancelled' });
      expect(performance.now() - cancelled).toBeLessThan(5000);
      expect(await bench.open().has(at.model, at.digest)).toBe(false);
      await completes(bench, model);
    }),
  );

  test(
    'a cancelled step puts and fetches nothing',
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model();
      const stopped = bench.open(AbortSignal.abort(new Error('the job was cancelled')));
      await expect(stopped.put(at.model, at.digest, modelPath, NONE)).rejects.toThrow('cancelled');
      expect(await bench.open().has(at.model, at.digest)).toBe(false);
      await bench.open().put(at.model, at.digest, modelPath, NONE);
      const destination = await bench.destination();
      await expect(stopped.fetch(at.model, at.digest, destination)).rejects.toThrow('cancelled');
    }),
  );

  const { cutter: ability } = kind;
  if ('cannot' in ability) return;

  test.each<[Direction, string, number]>([
    ['up', 'first', 0],
    ['up', '700th', 700],
    ['up', '65536th', 65_536],
    ['up', 'last but one', LARGE - 2],
    ['down', 'first', 0],
    ['down', '700th', 700],
    ['down', '65536th', 65_536],
    ['down', 'last but one', LARGE - 2],
  ])('survives a connection that breaks on the way %s at the %s byte', (direction, _which, bytes) =>
    Bench.with(kind, async (bench) => {
      const model = await bench.model({ large: randomBytes(LARGE) });
      const { at, modelPath } = model;
      const { cut } = ability.use(bench.store);
      if (direction === 'up') cut('up', bytes);
      await bench.open().put(at.model, at.digest, modelPath, NONE);
      if (direction === 'down') cut('down', bytes);
      const fetched = await bench.open().fetch(at.model, at.digest, await bench.destination());
      expect(await digestOf(fetched.modelPath)).toBe(at.digest);
    }),
  );

  if (!kind.resumes) return;
  test(
    'goes on where a download broke off',
    withStore(async (bench) => {
      const { at, modelPath } = await bench.model({ large: randomBytes(LARGE) });
      await bench.open().put(at.model, at.digest, modelPath, NONE);
      const { cut, moved } = ability.use(bench.store);
      const before = moved('down');
      cut('down', LARGE * 0.9);
      const fetched = await bench.open().fetch(at.model, at.digest, await bench.destination());
      expect(await digestOf(fetched.modelPath)).toBe(at.digest);
      expect(moved('down') - before).toBeLessThan(LARGE * 1.2);
    }),
  );
}
